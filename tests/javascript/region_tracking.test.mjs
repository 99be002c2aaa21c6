import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts} from "./scripts.mjs";
import {SERVER_DATA, canvasOf, regionWith} from "./server_data.mjs";

const tracking = loadScripts(SERVER_DATA)("omostRegionTracking");
const boat = regionWith({description: "a red boat"});
const gull = regionWith({description: "a white gull", location: "on the left"});

test("a region is found at another position", () => {
    assert.equal(tracking.pairRegions(canvasOf(boat, gull), canvasOf(gull, boat)).get(1), 0);
});

test("a region is found by its words after an edit", () => {
    const larger = {...boat, area: "a large square area", description: "a green boat"};
    assert.equal(tracking.pairRegions(canvasOf(boat), canvasOf(gull, larger)).get(0), 1);
});

test("a region that is gone is not found", () => {
    assert.equal(tracking.pairRegions(canvasOf(boat, gull), canvasOf(gull)).has(0), false);
});
