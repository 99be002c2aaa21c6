// Colours that have a name in HTML: canvas code knows no others.

omost.colors = (() => {
    const byColor = new Map();
    const key = (color) => color.join();

    // The first of the names of each colour, as the server has it.
    function names() {
        if (!byColor.size) {
            for (const [name, color] of Object.entries(omost.facts.colors)) {
                if (!byColor.has(key(color))) byColor.set(key(color), name);
            }
        }
        return byColor;
    }

    const nameOf = (color) => names().get(key(color)) ?? null;
    const css = (color) => `rgb(${color.join(" ")})`;
    const hex = (color) =>
        `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
    const fromHex = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));

    // Weights of ITU-R BT.601.
    const light = ([red, green, blue]) => 0.299 * red + 0.587 * green + 0.114 * blue;
    const ink = (color) => (light(color) > 140 ? "black" : "white");

    // The squared distance with red and blue weighed by how red the colours are
    // (T. Riemersma, "Colour metric", 2001).
    function distance(one, other) {
        const red = (one[0] + other[0]) / 2;
        const [r, g, b] = one.map((part, i) => (part - other[i]) ** 2);
        return (2 + red / 256) * r + 4 * g + (2 + (255 - red) / 256) * b;
    }

    function nearest(color) {
        const colors = Object.values(omost.facts.colors);
        return colors.reduce((best, other) =>
            distance(color, other) < distance(color, best) ? other : best);
    }

    // The first colour that a text names, of at most three words ("light sky blue"); null for none.
    function named(text) {
        const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
        for (let start = 0; start < words.length; start++) {
            for (const length of [3, 2, 1]) {
                const name = words.slice(start, start + length).join("");
                if (Object.hasOwn(omost.facts.colors, name)) return omost.facts.colors[name];
            }
        }
        return null;
    }

    function hue([red, green, blue]) {
        const most = Math.max(red, green, blue), span = most - Math.min(red, green, blue);
        if (span < 12) return -1; // greys first
        if (most === red) return ((green - blue) / span + 6) % 6;
        return most === green ? (blue - red) / span + 2 : (red - green) / span + 4;
    }

    // Each named colour once, by hue and then from dark to light.
    const swatches = () => [...names().entries()]
        .map(([text, name]) => ({name, color: text.split(",").map(Number)}))
        .sort((a, b) => Math.round(hue(a.color)) - Math.round(hue(b.color))
            || light(a.color) - light(b.color));

    return {nameOf, css, hex, fromHex, ink, nearest, named, swatches};
})();
