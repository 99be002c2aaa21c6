import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts} from "./scripts.mjs";
import {SERVER_DATA, canvasOf, regionWith} from "./server_data.mjs";

const tracking = loadScripts(SERVER_DATA)("omostRegionTracking");
const boat = regionWith({description: "a red boat"});
const gull = regionWith({description: "a white gull", location: "on the left"});

test("a region is found at another position", () => {
    assert.equal(tracking.findRegion(canvasOf(boat, gull), 1, canvasOf(gull, boat)), 0);
});

test("a region is found by its words after an edit", () => {
    const larger = {...boat, area: "a large square area", description: "a green boat"};
    assert.equal(tracking.findRegion(canvasOf(boat), 0, canvasOf(gull, larger)), 1);
});

test("a region that is gone is not found", () => {
    assert.equal(tracking.findRegion(canvasOf(boat, gull), 0, canvasOf(gull)), null);
});
