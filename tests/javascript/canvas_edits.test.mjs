import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts, plain} from "./scripts.mjs";
import {CENTER, SERVER_DATA, canvasOf, regionWith} from "./server_data.mjs";

const edits = loadScripts(SERVER_DATA)("omostCanvasEdits");

/** @param {number[]} distances */
const atDistances = (...distances) =>
    canvasOf(...distances.map((distance) => regionWith({distance_to_viewer: distance})));

/** @param {any} canvas */
const distancesOf = (canvas) =>
    canvas.regions.map((/** @type {any} */ region) => region.distance_to_viewer);

test("of equal distances the later region is nearer", () => {
    assert.deepEqual(plain(edits.farToNear(atDistances(1, 3, 1))), [1, 0, 2]);
});

test("a new region is nearer than all others and has the next colour of the palette", () => {
    const first = edits.addRegion(edits.emptyCanvas(), CENTER);
    const second = edits.addRegion(first, CENTER);
    assert.deepEqual(plain(distancesOf(second)), [1, 0.5]);
    assert.deepEqual(second.regions[1].color, SERVER_DATA.colors.gold);
    assert.deepEqual(plain(edits.emptyCanvas().regions), []);
});

test("a description gives a drawn region the colour that it names, until one is picked", () => {
    const drawn = edits.addRegion(edits.emptyCanvas(), CENTER).regions[0];
    const named = edits.setDescription(drawn, "a navy boat");
    assert.deepEqual(named.color, SERVER_DATA.colors.navy);
    assert.deepEqual(edits.setDescription(named, "a boat").color, SERVER_DATA.colors.tomato);
    const picked = edits.setColor(named, SERVER_DATA.colors.red);
    assert.deepEqual(edits.setDescription(picked, "a navy boat").color, SERVER_DATA.colors.red);
    const written = regionWith();
    assert.deepEqual(edits.setDescription(written, "a navy boat").color, written.color);
});

test("a region moves between its neighbours", () => {
    assert.deepEqual(plain(distancesOf(edits.moveToRank(atDistances(3, 2, 1), 2, 1))), [3, 2, 2.5]);
    assert.deepEqual(plain(distancesOf(edits.moveToRank(atDistances(3, 2, 1), 2, 0))), [3, 2, 4]);
});

test("equal neighbours get new distances", () => {
    assert.deepEqual(plain(distancesOf(edits.moveToRank(atDistances(2, 2, 1), 2, 1))), [3, 1, 2]);
});

test("the nearest region cannot be nearer", () => {
    const canvas = atDistances(2, 1);
    assert.equal(edits.moveByRank(canvas, [1], 1), canvas);
    assert.deepEqual(plain(edits.farToNear(edits.moveByRank(canvas, [1], -1))), [1, 0]);
});

test("several regions move by a rank together, and those at the end stay in their order", () => {
    const canvas = atDistances(4, 3, 2, 1);
    assert.deepEqual(plain(edits.farToNear(edits.moveByRank(canvas, [0, 1], 1))), [2, 0, 1, 3]);
    assert.deepEqual(plain(edits.farToNear(edits.moveByRank(canvas, [3, 1], 1))), [0, 2, 1, 3]);
    assert.equal(edits.moveByRank(canvas, [2, 3], 1), canvas);
});

test("copies follow their regions", () => {
    const canvas = canvasOf(...["a", "b", "c"].map((tags) => regionWith({tags})));
    const copied = edits.duplicateRegions(canvas, [2, 0], true);
    assert.deepEqual(copied.regions.map((/** @type {any} */ {tags}) => tags).join(""), "aabcc");
    assert.deepEqual(plain(edits.copiesOf([2, 0])), [4, 1]);
});

test("a copy follows its region a step to the lower right", () => {
    const canvas = edits.duplicateRegions(canvasOf({...regionWith(), box: [0, 9, 0, 9]}), [0], false);
    assert.deepEqual(plain(canvas.regions[1].box), [4, 13, 4, 13]);
});

test("pasted regions stay at their places, or lie beside equal ones", () => {
    const free = {...regionWith(), box: [0, 9, 0, 9]}, other = {...regionWith(), box: [9, 18, 0, 9]};
    const canvas = edits.insertCanvas(canvasOf(free), canvasOf(free, other), false);
    assert.deepEqual(plain(canvas.regions.map((/** @type {any} */ {box}) => box.join())),
        ["0,9,0,9", "4,13,4,13", "9,18,0,9"]);
    const pasted = canvasOf(free);
    assert.equal(edits.insertCanvas(edits.emptyCanvas(), pasted, false), pasted);
});

test("no edit changes the canvas that it gets", () => {
    const canvas = atDistances(2, 1);
    const before = JSON.stringify(canvas);
    edits.addRegion(canvas, CENTER);
    edits.removeRegions(canvas, [0]);
    edits.duplicateRegions(canvas, [0], true);
    edits.moveToRank(canvas, 0, 1);
    edits.replaceRegion(canvas, 0, regionWith({tags: "x"}));
    assert.equal(JSON.stringify(canvas), before);
});
