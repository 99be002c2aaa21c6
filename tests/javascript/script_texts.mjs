// Prints the names and the strings in javascript/ as JSON, for tests/ui/test_texts.py:
// {requested: names of texts that the scripts request literally, strings: all string literals and
// property names}.

import {readdirSync, readFileSync} from "node:fs";

import {Linter} from "eslint";

const FOLDER = new URL("../../javascript/", import.meta.url);
/** @type {Set<unknown>} */
const requested = new Set();
/** @type {Set<unknown>} */
const strings = new Set();

/** @type {import("eslint").Rule.RuleModule} */
const collect = {
    create: () => ({
        Literal: (node) => strings.add(node.value),
        Property: ({key}) => key.type === "Identifier" && strings.add(key.name),
        ":matches(CallExpression[callee.property.name='format'], CallExpression[callee.property.name='statusHtml'])":
            (/** @type {any} */ {arguments: [name]}) => {
                const names = name.type === "ConditionalExpression"
                    ? [name.consequent, name.alternate] : [name];
                names.filter(({type}) => type === "Literal")
                    .forEach(({value}) => requested.add(value));
            },
    }),
};

for (const name of readdirSync(FOLDER).filter((file) => file.endsWith(".js"))) {
    const messages = new Linter().verify(readFileSync(new URL(name, FOLDER), "utf8"), [{
        languageOptions: {sourceType: "script"},
        plugins: {omost: {rules: {collect}}},
        rules: {"omost/collect": "error"},
    }]);
    if (messages.length) throw new Error(`${name}: ${messages[0].message}`);
}
const sorted = (/** @type {Set<unknown>} */ values) => (
    [...values].filter((value) => typeof value === "string").sort());
process.stdout.write(JSON.stringify({requested: sorted(requested), strings: sorted(strings)}));
