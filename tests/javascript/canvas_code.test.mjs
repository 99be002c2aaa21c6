import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts} from "./scripts.mjs";
import {SERVER_DATA, canvasOf, regionWith} from "./server_data.mjs";

const code = loadScripts(SERVER_DATA)("omostCanvasCode");

test("a canvas is written as calls", () => {
    const region = regionWith({description: "it's a \"boat\"", detailed_descriptions: ["a\nb"]});
    const written = code.write(canvasOf(region));
    assert.match(written, /^canvas = Canvas\(\)\n\ncanvas\.set_global_description\(\n/);
    assert.match(written, /\n {4}distance_to_viewer=1\.0,\n/);
    assert.match(written, /\n {4}description='it\\'s a "boat"',\n/);
    assert.match(written, /\n {4}detailed_descriptions=\[\n {8}'a\\nb',\n {4}\],\n/);
    assert.match(written, /\n {4}HTML_web_color_name='gold',\n\)\n$/);
});

test("syntax is written only if it is set", () => {
    assert.doesNotMatch(code.write(canvasOf(regionWith())), /syntax/);
    assert.match(code.write(canvasOf(regionWith({syntax: "webui"}))), /syntax='webui'/);
});

test("JSON holds what code cannot express", () => {
    for (const fields of [{box: [1, 2, 3, 4]}, {color: [1, 2, 3]}, {extra: {key: 1}}]) {
        const canvas = canvasOf(regionWith(fields));
        assert.deepEqual(JSON.parse(code.write(canvas)), canvas);
    }
});
