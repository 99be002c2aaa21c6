import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts, plain} from "./scripts.mjs";
import {SERVER_DATA} from "./server_data.mjs";

const colors = loadScripts(SERVER_DATA)("omostColors");

test("the first of two names counts", () => {
    assert.equal(colors.nameOf([0, 255, 255]), "aqua");
    assert.equal(colors.nameOf([1, 2, 3]), null);
});

test("a colour is written in hexadecimal digits and read from them", () => {
    assert.equal(colors.toHex([255, 0, 10]), "#ff000a");
    assert.deepEqual(plain(colors.fromHex("#ff000a")), [255, 0, 10]);
});

test("the nearest named colour", () => {
    assert.deepEqual(plain(colors.nearestNamed([250, 10, 5])), SERVER_DATA.colors.red);
});

test("a text names a colour in several words", () => {
    assert.deepEqual(plain(colors.findInText("a Sky Blue boat")), SERVER_DATA.colors.skyblue);
    assert.equal(colors.findInText("a bored boat"), null);
});

test("dark text on light colours", () => {
    assert.equal(colors.inkOn([255, 255, 0]), "black");
    assert.equal(colors.inkOn([0, 0, 128]), "white");
});

test("each colour has one swatch, greys first", () => {
    const names = plain(colors.swatches().map((/** @type {any} */ swatch) => swatch.name));
    assert.equal(names[0], "black");
    assert.equal(names.includes("cyan"), false);
});
