import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts, plain} from "./scripts.mjs";
import {SERVER_DATA, canvasOf, regionWith} from "./server_data.mjs";

const evaluate = loadScripts(SERVER_DATA);
const templates = evaluate("omostTemplates"), edits = evaluate("omostCanvasEdits");

/**
 * Returns the boxes of a template as [top, bottom, left, right].
 *
 * @param {string} name
 * @param {number} count
 */
const boxesOf = (name, count) => plain(templates.layout(name, count).boxes).map(
    (/** @type {any} */ {left, top, right, bottom}) => [top, bottom, left, right]);

/** @type {[string, number, number[][]][]} */
const LAYOUTS = [
    ["columns", 3, [[0, 90, 0, 30], [0, 90, 30, 60], [0, 90, 60, 90]]],
    ["rows", 2, [[0, 45, 0, 90], [45, 90, 0, 90]]],
    ["grid", 3, [[0, 45, 0, 45], [0, 45, 45, 90], [45, 90, 0, 90]]],
    ["thirds", 3, [[0, 90, 0, 60], [0, 45, 60, 90], [45, 90, 60, 90]]],
    ["thirds", 1, [[0, 90, 0, 60]]],
    ["foreground", 3, [[30, 90, 0, 45], [30, 90, 45, 90], [0, 90, 0, 90]]],
];
for (const [name, count, boxes] of LAYOUTS) {
    test(`the places of ${count} things: ${name}`, () => {
        assert.deepEqual(boxesOf(name, count), boxes);
    });
}

for (const name of plain(templates.names)) {
    test(`every number of things has a place within the picture: ${name}`, () => {
        for (let count = 1; count <= 20; count++) {
            const boxes = boxesOf(name, count);
            assert.equal(boxes.length, count);
            for (const [top, bottom, left, right] of boxes) {
                assert.ok(top >= 0 && top < bottom && bottom <= 90, `${top} to ${bottom}`);
                assert.ok(left >= 0 && left < right && right <= 90, `${left} to ${right}`);
            }
        }
    });
}

/** @type {[string, string[]][]} */
const LISTS = [
    ["a lamp, a cat, a vase", ["a lamp", "a cat", "a vase"]],
    ["a lamp, a cat and a vase.", ["a lamp", "a cat", "a vase"]],
    ["a lamp, and a vase", ["a lamp", "a vase"]],
    ["salt and pepper", ["salt and pepper"]],
    ["灯，猫、花瓶", ["灯", "猫", "花瓶"]],
    ["a lamp;\na cat", ["a lamp", "a cat"]],
    [" , ", []],
];
for (const [request, listed] of LISTS) {
    test(`things in a list: ${JSON.stringify(request)}`, () => {
        assert.deepEqual(plain(templates.things(request)), listed);
    });
}

test("a template describes its regions, their colours and an undescribed picture", () => {
    const canvas = templates.apply(edits.emptyCanvas(), "columns", "a navy lamp, a cat");
    assert.equal(canvas.description, "a navy lamp, a cat");
    assert.deepEqual(plain(canvas.regions.map((/** @type {any} */ {description}) => description)),
        ["a navy lamp", "a cat"]);
    assert.deepEqual(canvas.regions[0].color, SERVER_DATA.colors.navy);
    assert.deepEqual(plain(canvas.regions[1].box), [0, 90, 45, 90]);
});

test("a template's regions lie in front of others, and its background behind all", () => {
    const canvas = templates.apply(canvasOf(regionWith()), "foreground", "a cat, a hill");
    assert.deepEqual(plain(edits.farToNear(canvas)), [2, 0, 1]);
});

test("a template without things has regions to describe", () => {
    const canvas = templates.apply(edits.emptyCanvas(), "rows", "");
    assert.equal(canvas.regions.length, 3);
    assert.equal(canvas.regions[0].description, "");
});

test("a template moves regions in their order", () => {
    const canvas = canvasOf(regionWith({tags: "a"}), regionWith({tags: "b"}));
    const arranged = templates.arrange(canvas, "rows", [1, 0]);
    assert.deepEqual(plain(arranged.regions.map((/** @type {any} */ {tags, box}) => [tags, box])),
        [["a", [45, 90, 0, 90]], ["b", [0, 45, 0, 90]]]);
});
