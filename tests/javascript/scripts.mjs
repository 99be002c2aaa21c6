// Loads javascript/ as the WebUIs do: classic scripts in alphabetical order, in one global scope.

import {readdirSync, readFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import vm from "node:vm";

const FOLDER = new URL("../../javascript/", import.meta.url);

/**
 * Returns a function that evaluates an expression in the scope of the loaded scripts.
 *
 * @param {object} serverData Stands for the values that the server sends to the page.
 * @param {object} globals Further names of the page that the scripts use.
 * @returns {(expression: string) => any}
 */
export function loadScripts(serverData = {}, globals = {}) {
    const context = vm.createContext({console, window: {}, onUiLoaded: () => {}, ...globals});
    for (const name of readdirSync(FOLDER).filter((file) => file.endsWith(".js")).sort()) {
        const path = new URL(name, FOLDER);
        vm.runInContext(readFileSync(path, "utf8"), context, {filename: fileURLToPath(path)});
    }
    /** @param {string} expression */
    const evaluate = (expression) => vm.runInContext(expression, context);
    Object.assign(evaluate("omostServerData"), serverData);
    return evaluate;
}

/**
 * Returns a value without the prototypes of the scripts' scope, so that it can be compared.
 *
 * @param {any} value
 */
export const plain = (value) => (value === undefined ? value : JSON.parse(JSON.stringify(value)));
