import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts, plain} from "./scripts.mjs";

/** @param {Map<string, string>} texts */
const storage = (texts = new Map()) => ({
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => texts.set(name, text),
    getItem: (/** @type {string} */ name) => texts.get(name) ?? null,
});

/** @param {object} localStorage */
const tab = (localStorage, sessionStorage = storage()) =>
    loadScripts({}, {localStorage, sessionStorage});

test("two tabs keep two drafts over a reload", () => {
    const browser = storage();
    const sessions = [storage(), storage()];
    const [first, second] = sessions.map((session) => tab(browser, session)("omostStorage"));
    first.save("draft", "a cat");
    second.save("draft", "a dog");
    const reloaded = sessions.map((session) => tab(browser, session)("omostStorage"));
    assert.deepEqual(reloaded.map((store) => store.load("draft")), ["a cat", "a dog"]);
});

test("a new tab begins with the draft that was stored last", () => {
    const browser = storage();
    tab(browser)("omostStorage").save("draft", "a cat");
    tab(browser)("omostStorage").save("draft", "a dog");
    assert.equal(tab(browser)("omostStorage").load("draft"), "a dog");
});

test("what belongs to one tab is unknown in others", () => {
    const browser = storage();
    const first = tab(browser)("omostStorage");
    first.saveInTab("job", "1");
    assert.equal(first.loadInTab("job"), "1");
    assert.equal(tab(browser)("omostStorage").load("job"), null);
});

test("a full or forbidden storage of the tab loses nothing", () => {
    const forbidden = () => {
        throw new Error("quota exceeded");
    };
    const console = {warn: () => {}};
    const sessionStorage = {setItem: forbidden, getItem: forbidden};
    const store = loadScripts({}, {localStorage: storage(), sessionStorage, console})(
        "omostStorage");
    store.save("draft", "a cat");
    assert.equal(store.load("draft"), "a cat");
});

test("settings are restored for their image model, new ones have their defaults", () => {
    const settings = tab(storage())("omostPageSettings");
    settings.save("painter", ["steps", "enabled", "seed"], [30, false, null]);
    const restored = settings.restore("painter", ["width", "steps", "enabled"], [512, 20, true]);
    assert.deepEqual(plain(restored), [512, 30, false]);
    assert.deepEqual(plain(settings.restore("sd15", ["steps"], [20])), [20]);
});

test("settings that cannot be read are left alone", () => {
    const broken = new Map([["omost_settings_painter", "{"], ["omost_settings_sd15", "null"]]);
    const settings = tab(storage(broken))("omostPageSettings");
    assert.deepEqual(plain(settings.restore("painter", ["steps"], [20])), [20]);
    assert.deepEqual(plain(settings.restore("sd15", ["steps"], [20])), [20]);
});

test("each job has a name of its own, which the tab knows after a reload", () => {
    const [browser, session] = [storage(), storage()];
    const {crypto} = globalThis;
    const page = () => loadScripts({}, {localStorage: browser, sessionStorage: session, crypto})(
        "omostRunningJob");
    assert.equal(page().name(), "");
    const {job} = page().begin();
    assert.notEqual(page().begin().job, job);
    assert.match(page().name(), /^\d+-\d+-\d+-\d+$/);
});
