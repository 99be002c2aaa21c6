import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts, plain} from "./scripts.mjs";
import {CENTER, SERVER_DATA, regionWith} from "./server_data.mjs";

const evaluate = loadScripts(SERVER_DATA);
const alignment = evaluate("omostAlignment"), boxes = evaluate("omostBoxes");

/**
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 */
const box = (left, top, right, bottom) => ({left, top, right, bottom});

const SMALL = box(10, 0, 20, 10), WIDE = box(20, 30, 60, 40), TALL = box(50, 20, 60, 70);
const ALL = [SMALL, WIDE, TALL];

/** @type {[string, any[]][]} */
const ALIGNED = [
    ["left", [box(10, 0, 20, 10), box(10, 30, 50, 40), box(10, 20, 20, 70)]],
    ["center", [box(30, 0, 40, 10), box(15, 30, 55, 40), box(30, 20, 40, 70)]],
    ["right", [box(50, 0, 60, 10), box(20, 30, 60, 40), box(50, 20, 60, 70)]],
    ["top", [box(10, 0, 20, 10), box(20, 0, 60, 10), box(50, 0, 60, 50)]],
    ["middle", [box(10, 30, 20, 40), box(20, 30, 60, 40), box(50, 10, 60, 60)]],
    ["bottom", [box(10, 60, 20, 70), box(20, 60, 60, 70), box(50, 20, 60, 70)]],
];
for (const [position, expected] of ALIGNED) {
    test(`boxes are aligned: ${position}`, () => {
        assert.deepEqual(plain(alignment.align(ALL, position)), expected);
    });
}

test("equal gaps lie between the outer boxes, which stay", () => {
    const apart = [box(0, 0, 10, 10), box(80, 0, 90, 10), box(12, 0, 32, 10)];
    assert.deepEqual(plain(alignment.distribute(apart, "x")),
        [box(0, 0, 10, 10), box(80, 0, 90, 10), box(35, 0, 55, 10)]);
});

test("boxes without room overlap equally", () => {
    const crowded = [box(0, 0, 10, 40), box(0, 10, 10, 50), box(0, 50, 10, 90)];
    assert.deepEqual(plain(alignment.distribute(crowded, "y")),
        [box(0, 0, 10, 40), box(0, 25, 10, 65), box(0, 50, 10, 90)]);
});

test("boxes get the size of the last one around their centres, within the picture", () => {
    assert.deepEqual(plain(alignment.equalize([SMALL, TALL])), [box(10, 0, 20, 50), TALL]);
});

test("free boxes that move together stop together at the edge", () => {
    const regions = [{box: [0, 10, 10, 20]}, {box: [50, 60, 60, 80]}];
    assert.deepEqual(plain(boxes.moveTogether(regions, 30, -5, false)),
        [{box: [0, 10, 20, 30]}, {box: [50, 60, 70, 90]}]);
});

test("boxes are resized with the box around them", () => {
    const regions = [{box: [0, 20, 0, 20]}, {box: [20, 40, 20, 40]}];
    assert.deepEqual(plain(boxes.resizeTogether(regions, "se", 40, -20, false)),
        [{box: [0, 10, 0, 40]}, {box: [10, 20, 40, 80]}]);
});

test("arranged regions are free boxes unless a named place is exactly there", () => {
    const regions = [regionWith(), regionWith({box: [10, 20, 10, 20]})];
    const named = boxes.arrange(regions, () => [box(20, 20, 70, 70), box(0, 0, 30, 90)]);
    assert.equal(named[0].location, CENTER.location);
    assert.deepEqual(plain(named[1].box), [0, 90, 0, 30]);
});

test("a box is never thinner than a unit", () => {
    assert.deepEqual(plain(boxes.freeBox(box(89.7, 3.1, 90, 3.2))), {box: [3, 4, 89, 90]});
});
