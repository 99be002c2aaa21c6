import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts, plain} from "./scripts.mjs";
import {SERVER_DATA, canvasOf, regionWith} from "./server_data.mjs";

const evaluate = loadScripts(SERVER_DATA);
const layers = evaluate("omostLayers"), tracking = evaluate("omostRegionTracking");

/** @param {boolean[]} hidden */
const canvasWith = (...hidden) => canvasOf(...hidden.map((isHidden, index) =>
    regionWith({tags: String(index), ...(isHidden ? {hidden: true} : {})})));

/** @param {any} canvas */
const hiddenIn = (canvas) => canvas.regions.map((/** @type {any} */ {hidden}) => Boolean(hidden));

/** @param {any} canvas */
const lockedIn = (canvas) => canvas.regions.map(layers.isLocked);

test("the nearest region has the number 1", () => {
    const at = [1, 3, 2].map((distance) => regionWith({distance_to_viewer: distance}));
    assert.deepEqual(plain(layers.numbers(canvasOf(...at))), [1, 3, 2]);
});

test("regions are hidden, and shown once all of them are hidden", () => {
    const some = layers.toggleHidden(canvasWith(true, false, false), [0, 1]);
    assert.deepEqual(plain(hiddenIn(some)), [true, true, false]);
    assert.deepEqual(plain(hiddenIn(layers.toggleHidden(some, [0, 1]))), [false, false, false]);
});

test("a visible region has no key for it, so that code can express it", () => {
    const shown = layers.toggleHidden(canvasWith(true), [0]);
    assert.deepEqual(plain(shown), plain(canvasWith(false)));
});

test("a region alone hides the others, which come back as they were", () => {
    const canvas = canvasWith(false, true, false);
    const alone = layers.toggleAlone(canvas, [0]);
    assert.deepEqual(plain(hiddenIn(alone)), [false, true, true]);
    assert.equal(layers.areAlone(alone, [0]), true);
    const other = layers.toggleAlone(alone, [1]);
    assert.deepEqual(plain(hiddenIn(other)), [true, false, true]);
    assert.deepEqual(plain(hiddenIn(layers.toggleAlone(other, [1]))), [false, true, false]);
});

test("what is shown by hand is visible afterwards, too", () => {
    const alone = layers.toggleAlone(canvasWith(false, true, false), [0]);
    const shown = layers.toggleHidden(alone, [1]);
    assert.equal(layers.areAlone(shown, [0]), false);
    const back = layers.toggleAlone(layers.toggleAlone(shown, [0]), [0]);
    assert.deepEqual(plain(hiddenIn(back)), [false, false, true]);
});

test("the only region of a canvas is not alone", () => {
    assert.equal(layers.areAlone(canvasWith(false), [0]), false);
});

test("a lock is not a part of the text", () => {
    const canvas = canvasWith(false, false);
    const locked = layers.toggleLocked(canvas, [1]);
    assert.deepEqual(plain(lockedIn(locked)), [false, true]);
    assert.deepEqual(plain(locked), plain(canvas));
    assert.deepEqual(plain(lockedIn(layers.toggleLocked(locked, [1]))), [false, false]);
});

test("the copy of a locked region is not locked", () => {
    const locked = layers.toggleLocked(canvasWith(false), [0]);
    const copied = evaluate("omostCanvasEdits").duplicateRegions(locked, [0], true);
    assert.deepEqual(plain(lockedIn(copied)), [true, false]);
});

test("locks follow their regions to another canvas, and replace its locks", () => {
    const canvas = layers.toggleLocked(canvasWith(false, false), [1]);
    const [first, second] = canvasWith(false, false).regions;
    const other = layers.toggleLocked(canvasOf(second, first), [1]);
    const pairs = tracking.pairRegions(canvas, other);
    assert.deepEqual(plain(lockedIn(layers.carryLocks(canvas, other, pairs))), [true, false]);
});
