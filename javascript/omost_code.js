// A canvas as the text of its box, letter for letter as lib_omost/canvas/writing.py writes it. The
// page writes it too, so that the text is right at once when somebody edits and presses Generate.

omost.code = (() => {
    const COMMON = ["description", "detailed_descriptions", "tags"];
    const GLOBAL = [...COMMON, "color"];
    const REGION = ["location", "offset", "area", "distance_to_viewer", ...COMMON,
        "atmosphere", "style", "quality_meta", "color"];
    const KNOWN = new Set([...REGION, "omost_canvas", "regions", "syntax"]);

    // What Python's repr() escapes: all that is no sign to be seen, but the blank.
    const UNPRINTABLE = /\p{C}|(?! )\p{Z}/gu;
    const SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"};

    function escaped(character) {
        if (SHORT[character]) return SHORT[character];
        const code = character.codePointAt(0);
        const digits = code.toString(16);
        if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
        return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
    }

    function quoted(text) {
        const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
        const body = text.replace(/\\/g, "\\\\").replaceAll(quote, `\\${quote}`);
        return quote + body.replace(UNPRINTABLE, escaped) + quote;
    }

    function number(value) {
        const text = String(value);
        return /^-?\d+$/.test(text) ? `${text}.0` : text;
    }

    function argument(name, value) {
        if (name === "color") {
            return `    HTML_web_color_name=${quoted(omost.colors.nameOf(value))},\n`;
        }
        if (!Array.isArray(value)) {
            const text = typeof value === "number" ? number(value) : quoted(value);
            return `    ${name}=${text},\n`;
        }
        const items = value.map((item) => `        ${quoted(item)},\n`).join("");
        return items ? `    ${name}=[\n${items}    ],\n` : `    ${name}=[],\n`;
    }

    function call(method, names, part) {
        const fields = part.syntax ? [...names, "syntax"] : names;
        const text = fields.map((name) => argument(name, part[name])).join("");
        return `canvas.${method}(\n${text})\n`;
    }

    // Free boxes, colours without a name and unknown keys have no place in code.
    const holds = (part) =>
        Object.keys(part).every((key) => KNOWN.has(key)) && omost.colors.nameOf(part.color) !== null;

    function write(canvas) {
        if (![canvas, ...canvas.regions].every(holds)) return JSON.stringify(canvas, null, 2);
        return ["canvas = Canvas()\n", call("set_global_description", GLOBAL, canvas),
            ...canvas.regions.map((region) => call("add_local_description", REGION, region)),
        ].join("\n");
    }

    return {write};
})();
