// Evaluates calls of the page's scripts for Python: reads one JSON list per line, a path such as
// "omostBoxes.boxOf" and the arguments, and writes the result as one line of JSON. The first line is
// the server's data.

import {createInterface} from "node:readline";

import {loadScripts} from "./scripts.mjs";

/** @type {((expression: string) => any) | null} */
let evaluate = null;
for await (const line of createInterface({input: process.stdin})) {
    if (!evaluate) {
        evaluate = loadScripts(JSON.parse(line));
        continue;
    }
    const [path, ...values] = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(evaluate(path)(...values)) ?? "null"}\n`);
}
