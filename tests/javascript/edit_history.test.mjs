import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts} from "./scripts.mjs";

const EditHistory = loadScripts()("OmostEditHistory");

/** @param {string} text */
const state = (text) => ({text, canvas: null, chat: "", selected: null});

test("undo and redo go through all steps", () => {
    const history = new EditHistory();
    history.record(state("a"));
    history.record(state("b"));
    assert.equal(history.undo(state("c")).text, "b");
    assert.equal(history.undo(state("b")).text, "a");
    assert.equal(history.undo(state("a")), null);
    assert.equal(history.redo(state("a")).text, "b");
    assert.equal(history.redo(state("b")).text, "c");
    assert.equal(history.redo(state("c")), null);
});

test("successive changes with one tag are one step until it ends", () => {
    const history = new EditHistory();
    history.record(state("a"), "typing");
    history.record(state("ab"), "typing");
    history.endStep();
    history.record(state("abc"), "typing");
    assert.equal(history.undo(state("abcd")).text, "abc");
    assert.equal(history.undo(state("abc")).text, "a");
});

test("a change after an undo removes the redo", () => {
    const history = new EditHistory();
    history.record(state("a"));
    history.undo(state("b"));
    history.record(state("a"));
    assert.equal(history.redo(state("c")), null);
});

test("states before the page was loaded come first", () => {
    const history = new EditHistory();
    history.record({...state("restored"), chat: "chat"});
    history.record(state("draft"));
    history.prepend([state("before"), {...state("restored"), chat: "chat"}], "chat");
    const last = history.undo(state("now"));
    assert.deepEqual([last.text, last.chat], ["draft", "chat"]);
    assert.equal(history.undo(last).text, "restored");
    assert.equal(history.undo(state("restored")).text, "before");
});

test("undo and redo of a picture exchange it, other steps leave the last picture alone", () => {
    const history = new EditHistory();
    /** @param {string} text @param {string} picture */
    const now = (text, picture) => ({...state(text), picture});
    history.record(state("a"));
    history.record({...state("b"), picture: "former"});
    assert.equal(history.undo(now("b", "latter")).picture, "former");
    assert.equal(history.undo(now("b", "former")).picture, undefined);
    assert.equal(history.redo(now("a", "another")).picture, undefined);
    assert.equal(history.redo(now("b", "former")).picture, "latter");
});

test("a replacement is counted between the shared beginning and end", () => {
    assert.equal(EditHistory.countReplaced("a red boat", "a blue boat"), 3);
    assert.equal(EditHistory.countReplaced("boat", "boat and gull"), 0);
    assert.equal(EditHistory.countReplaced("aaa", "aa"), 1);
});
