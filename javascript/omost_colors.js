// Finds names, hues and readable text colours for the colours of regions.
//
// Canvas code knows only the colours that have an HTML name.

/** @typedef {[number, number, number]} RgbColor Red, green and blue, each from 0 to 255. */

const omostColors = (() => {
    /** @type {Map<string, string>} */
    const namesByColor = new Map();
    /** @param {RgbColor} color */
    const key = (color) => color.join();

    // Of several names of a colour the first counts, as on the server.
    function allNames() {
        if (!namesByColor.size) {
            for (const [name, color] of Object.entries(omostServerData.colors)) {
                if (!namesByColor.has(key(color))) namesByColor.set(key(color), name);
            }
        }
        return namesByColor;
    }

    /** @param {RgbColor} color */
    const nameOf = (color) => allNames().get(key(color)) ?? null;
    /** @param {RgbColor} color */
    const toCss = (color) => `rgb(${color.join(" ")})`;
    /** @param {RgbColor} color */
    const toHex = (color) =>
        `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
    /** @param {string} text Such as "#ff8000". */
    const fromHex = (text) => /** @type {RgbColor} */ (
        [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16)));

    /** @param {RgbColor} color With the weights of ITU-R BT.601. */
    const luminance = ([red, green, blue]) => 0.299 * red + 0.587 * green + 0.114 * blue;

    /**
     * Returns the colour of readable text on a background, as lib_omost/canvas/preview.py does.
     *
     * @param {RgbColor} background
     */
    const inkOn = (background) => (luminance(background) > 140 ? "black" : "white");

    /**
     * Returns the squared distance of two colours, with weights of red and blue that depend on how
     * red the colours are (T. Riemersma, "Colour metric", 2001).
     *
     * @param {RgbColor} one
     * @param {RgbColor} other
     */
    function squaredDistance(one, other) {
        const meanRed = (one[0] + other[0]) / 2;
        const [red, green, blue] = one.map((part, index) => (part - other[index]) ** 2);
        return (2 + meanRed / 256) * red + 4 * green + (2 + (255 - meanRed) / 256) * blue;
    }

    /**
     * Returns the colour with a name that is most like a colour.
     *
     * @param {RgbColor} color
     */
    function nearestNamed(color) {
        const colors = Object.values(omostServerData.colors);
        return colors.reduce((best, other) =>
            (squaredDistance(color, other) < squaredDistance(color, best) ? other : best));
    }

    /**
     * Returns the first colour that a text names in at most three words ("light sky blue").
     *
     * @param {string} text
     * @returns {RgbColor | null}
     */
    function findInText(text) {
        const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
        for (let start = 0; start < words.length; start++) {
            for (const length of [3, 2, 1]) {
                const name = words.slice(start, start + length).join("");
                if (Object.hasOwn(omostServerData.colors, name)) return omostServerData.colors[name];
            }
        }
        return null;
    }

    /**
     * Returns the hue from 0 to 6, -1 for greys.
     *
     * @param {RgbColor} color
     */
    function hue([red, green, blue]) {
        const brightest = Math.max(red, green, blue);
        const span = brightest - Math.min(red, green, blue);
        if (span < 12) return -1;
        if (brightest === red) return ((green - blue) / span + 6) % 6;
        return brightest === green ? (blue - red) / span + 2 : (red - green) / span + 4;
    }

    // Each named colour once: greys first, then by hue, and within a hue from dark to light.
    const swatches = () => [...allNames().entries()]
        .map(([text, name]) => (
            {name, color: /** @type {RgbColor} */ (text.split(",").map(Number))}))
        .sort((a, b) => Math.round(hue(a.color)) - Math.round(hue(b.color))
            || luminance(a.color) - luminance(b.color));

    return {nameOf, toCss, toHex, fromHex, inkOn, nearestNamed, findInText, swatches};
})();
