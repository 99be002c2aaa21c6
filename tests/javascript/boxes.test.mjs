import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts, plain} from "./scripts.mjs";
import {CENTER, SERVER_DATA, regionWith} from "./server_data.mjs";

const boxes = loadScripts(SERVER_DATA)("omostBoxes");
const FREE = {box: [10, 30, 20, 60]};

test("the box of a named place is clipped at the picture's edge", () => {
    const place = {...CENTER, location: "on the left"};
    assert.deepEqual(plain(boxes.boxOf(place)), {left: 0, top: 20, right: 40, bottom: 70});
});

test("the box of a free box has the order of the JSON", () => {
    assert.deepEqual(plain(boxes.boxOf(FREE)), {left: 20, top: 10, right: 60, bottom: 30});
});

test("a drag moves a named place to the nearest place of its area", () => {
    const moved = boxes.move(regionWith(), -28, 3, true);
    assert.equal(moved.location, "on the left");
    assert.equal(moved.area, CENTER.area);
});

test("a free box keeps its size at the edge", () => {
    assert.deepEqual(plain(boxes.move(FREE, 100, -100, false)), {box: [0, 20, 50, 90]});
});

test("a named place becomes a free box without snapping", () => {
    const moved = plain(boxes.move(regionWith({description: "boat"}), 1, 2, false));
    assert.deepEqual(moved.box, [22, 72, 21, 71]);
    assert.equal(moved.location, undefined);
    assert.equal(moved.description, "boat");
});

test("the placement comes before the other fields", () => {
    assert.equal(Object.keys(boxes.move(regionWith(), 1, 2, false))[0], "box");
});

test("a side cannot be dragged beyond the opposite one", () => {
    assert.deepEqual(plain(boxes.resize(FREE, "w", 100, 0, false)), {box: [10, 30, 56, 60]});
    assert.deepEqual(plain(boxes.resize(FREE, "se", -100, 100, false)), {box: [10, 90, 20, 24]});
});

test("a drawn box has a least size, and may lie between named places", () => {
    const point = {x: 50, y: 50};
    assert.deepEqual(plain(boxes.spanning(point, point, false)), {box: [50, 54, 50, 54]});
    assert.deepEqual(plain(boxes.spanning({x: 20, y: 20}, {x: 70, y: 70}, true)), CENTER);
});

test("arrow keys go to the next place, or by one unit", () => {
    assert.equal(boxes.moveByKey([regionWith()], 1, 0, true)[0].offset, "slightly to the right");
    assert.deepEqual(plain(boxes.moveByKey([FREE], 0, 1, false)), [{box: [11, 31, 20, 60]}]);
});

test("arrow keys with Shift go to the next area in their direction", () => {
    const region = regionWith({area: "a medium-sized square area"});
    assert.equal(boxes.resizeByKey([region], 0, 1, true)[0].area, "a medium-sized vertical area");
    assert.equal(boxes.resizeByKey([region], 1, 0, true)[0].area, "a large square area");
    const largest = regionWith({area: "a large square area"});
    assert.equal(boxes.resizeByKey([largest], 1, 0, true)[0], largest);
});

test("a place is described by its names", () => {
    assert.equal(boxes.describe(CENTER), "in the center, no offset, a small square area");
    assert.equal(boxes.describe(FREE), "free box");
});
