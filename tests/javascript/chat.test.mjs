import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts, plain} from "./scripts.mjs";
import {SERVER_DATA} from "./server_data.mjs";

/** @param {Record<string, string>} stored */
function loadPage(stored = {}) {
    const localStorage = {
        getItem: (/** @type {string} */ key) => stored[key] ?? null,
        setItem: (/** @type {string} */ key, /** @type {string} */ text) => {
            stored[key] = text;
        },
    };
    const gradioApp = () => ({querySelector: () => null, querySelectorAll: () => []});
    const silent = {...console, warn: () => {}};
    const timers = {setTimeout: () => 0, clearTimeout: () => {}};
    return loadScripts(SERVER_DATA, {localStorage, gradioApp, console: silent, ...timers,
        window: {...timers}});
}

test("inputs are replaced by their names", async () => {
    const replace = loadPage()("omostReplaceInputs");
    const values = await replace(["a", "b", "c"], [1, 2, 3, "an output"],
        async (/** @type {any} */ inputs) => ({b: inputs.a + 10, unknown: 5}));
    assert.deepEqual(plain(values), [1, 11, 3]);
});

test("the stored inputs are restored", () => {
    const stored = JSON.stringify({chat: "a chat", canvas: "not stored here", model: ""});
    const chat = loadPage({omost_txt2img: stored})("omostChat");
    const inputs = {chat: "", canvas: "a canvas"};
    assert.deepEqual(plain(chat.restoreInputs("txt2img", inputs)),
        {chat: "a chat", canvas: "a canvas"});
    assert.deepEqual(plain(chat.restoreInputs("img2img", inputs)), {canvas: "a canvas"});
});

test("a stored text that is not JSON is sent as the chat, and stored under another name", () => {
    /** @type {Record<string, string>} */
    const stored = {omost_txt2img: "{broken"};
    const chat = loadPage(stored)("omostChat");
    assert.equal(chat.restoreInputs("txt2img", {}).chat, "{broken");
    chat.finishRestore("txt2img", "", "");
    assert.equal(stored.omost_txt2img_unreadable, "{broken");
    assert.equal(JSON.parse(stored.omost_txt2img).chat, "");
});

test("nothing is stored before the stored chat is back", () => {
    /** @type {Record<string, string>} */
    const stored = {};
    const chat = loadPage(stored)("omostChat");
    chat.save("txt2img", "model", "other");
    assert.deepEqual(stored, {});
    chat.finishRestore("txt2img", "", "");
    chat.save("txt2img", "model", "other");
    assert.deepEqual(JSON.parse(stored.omost_txt2img), {model: "other"});
});

test("a chat is cut after a number of turns", () => {
    const firstTurns = loadPage()("omostChat.firstTurns");
    const chat = JSON.stringify({version: 1, turns: [{request: "a"}, {request: "b"}]});
    assert.equal(firstTurns(chat, 0), "");
    assert.equal(firstTurns(chat, 2), chat);
    assert.deepEqual(JSON.parse(firstTurns(chat, 1)), {version: 1, turns: [{request: "a"}]});
});

test("undo sends the chat that it left by name", () => {
    const history = loadPage()("omostChatHistory");
    history.show("txt2img", "undo", "old", "new");
    const {imported} = history.inputs("txt2img");
    assert.deepEqual(JSON.parse(imported), {direction: "undo", left_chat: "old"});
});

test("a text is translated and filled in", () => {
    const evaluate = loadPage();
    const format = evaluate("omostTexts.format");
    assert.equal(format("greeting", {count: 3}), "3 regions");
    evaluate("window").localization = {"{count} regions": "{count} Regionen"};
    assert.equal(format("greeting", {count: 3}), "3 Regionen");
    assert.equal(evaluate("omostTexts.statusHtml('taken_back')"),
        '<p class="omost-status">Undone.</p>');
});
