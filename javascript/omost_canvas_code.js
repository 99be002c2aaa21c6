// Writes a canvas as canvas code or JSON.
//
// The text equals that of lib_omost/canvas/code_writer.py. The page writes it too because an edit
// must be in the canvas box before somebody presses Generate.
// tests/javascript/test_same_as_python.py compares both.

const omostCanvasCode = (() => {
    const COLOR_ARGUMENT = "HTML_web_color_name";

    // Python's repr() escapes characters of the Unicode categories C and Z, except the blank.
    const UNPRINTABLE = /\p{C}|(?! )\p{Z}/gu;
    /** @type {Record<string, string>} */
    const SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"};

    /** @param {string} character */
    function escapeCharacter(character) {
        if (SHORT_ESCAPES[character]) return SHORT_ESCAPES[character];
        const code = /** @type {number} */ (character.codePointAt(0));
        const digits = code.toString(16);
        if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
        return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
    }

    /**
     * Writes a text as Python's repr() does.
     *
     * @param {string} text
     */
    function stringLiteral(text) {
        const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
        const body = text.replace(/\\/g, "\\\\").replaceAll(quote, `\\${quote}`);
        return quote + body.replace(UNPRINTABLE, escapeCharacter) + quote;
    }

    /**
     * Writes a finite number as Python's repr() of a float does.
     *
     * @param {number} value
     */
    function floatLiteral(value) {
        const [digits, power] = value.toExponential().split("e");
        const exponent = Number(power);
        if (exponent < -4 || exponent >= 16) {
            const sign = exponent < 0 ? "-" : "+";
            return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
        }
        return Number.isInteger(value) ? `${value}.0` : String(value);
    }

    /**
     * @param {string} name
     * @param {any} value
     */
    function argument(name, value) {
        if (!Array.isArray(value)) {
            const text = typeof value === "number" ? floatLiteral(value) : stringLiteral(value);
            return `    ${name}=${text},\n`;
        }
        const items = value.map((item) => `        ${stringLiteral(item)},\n`).join("");
        return items ? `    ${name}=[\n${items}    ],\n` : `    ${name}=[],\n`;
    }

    /**
     * @param {string} method
     * @param {string[]} names
     * @param {any} part The canvas or a region.
     */
    function call(method, names, part) {
        const syntax = omostServerData.syntax_argument;
        const written = part[syntax] ? [...names, syntax] : names;
        const text = written.map((name) => argument(name,
            name === COLOR_ARGUMENT ? omostColors.nameOf(part.color) : part[name])).join("");
        return `canvas.${method}(\n${text})\n`;
    }

    /**
     * Tells whether code can express the canvas or region. Free boxes, colours without a name and
     * unknown keys have no place in code.
     *
     * @param {any} part
     * @param {string[]} names The arguments of its call.
     */
    function isExpressible(part, names) {
        const known = [...names, "color", "omost_canvas", "regions", omostServerData.syntax_argument];
        return Object.keys(part).every((key) => known.includes(key))
            && omostColors.nameOf(part.color) !== null;
    }

    /**
     * Writes a canvas as code, or as JSON if code cannot express it.
     *
     * @param {Canvas} canvas
     */
    function write(canvas) {
        const {global_arguments: global, region_arguments: local} = omostServerData;
        if (!isExpressible(canvas, global)
            || !canvas.regions.every((region) => isExpressible(region, local))) {
            return JSON.stringify(canvas, null, 2);
        }
        return ["canvas = Canvas()\n", call("set_global_description", global, canvas),
            ...canvas.regions.map((region) => call("add_local_description", local, region)),
        ].join("\n");
    }

    return {write};
})();
