// Changes of a canvas in the form of its JSON. Each returns a new canvas and leaves the old one be,
// so that the history can keep both. A region is named by its position in the code, from 0.

omost.regions = (() => {
    const GREY = [128, 128, 128];
    // Easily told apart, on light and on dark.
    const PALETTE = ["tomato", "gold", "mediumseagreen", "dodgerblue", "orchid", "sandybrown",
        "turquoise", "slateblue", "yellowgreen", "hotpink"];

    // The colour of a drawn region while none is picked for it: its description may name another. A
    // symbol, so that it is copied with the region, and no part of the canvas's text.
    const UNPICKED = Symbol("unpicked colour");

    const empty = () => ({
        omost_canvas: 1, description: "", detailed_descriptions: [], tags: "", color: GREY,
        regions: [],
    });

    // Positions from far to near; of equal distances the later is nearer.
    const farToNear = (canvas) => canvas.regions
        .map((region, index) => [region.distance_to_viewer, index])
        .sort((a, b) => b[0] - a[0] || a[1] - b[1])
        .map(([, index]) => index);

    const replaced = (canvas, index, region) =>
        ({...canvas, regions: canvas.regions.map((old, i) => (i === index ? region : old))});

    function added(canvas, region) {
        const nearest = canvas.regions[farToNear(canvas).at(-1)]?.distance_to_viewer;
        const name = PALETTE[canvas.regions.length % PALETTE.length];
        const whole = {
            ...region,
            distance_to_viewer: nearest === undefined ? 1 : between(nearest, 0) ?? nearest,
            description: "", detailed_descriptions: [], tags: "", color: omost.facts.colors[name],
            atmosphere: "", style: "", quality_meta: "",
        };
        whole[UNPICKED] = whole.color;
        return {...canvas, regions: [...canvas.regions, whole]};
    }

    // The region, or the whole picture, with another description, and a colour that it names.
    function described(part, description) {
        const color = part[UNPICKED] && (omost.colors.named(description) ?? part[UNPICKED]);
        return {...part, description, ...(color ? {color} : {})};
    }

    const colored = (part, color) => ({...part, color, [UNPICKED]: null});

    const removed = (canvas, index) =>
        ({...canvas, regions: canvas.regions.filter((_, i) => i !== index)});

    // The copy is the next in the code, and a step to the lower right.
    function duplicated(canvas, index, snap) {
        const region = canvas.regions[index], regions = [...canvas.regions];
        const free = omost.places.isFree(region);
        const step = free ? 4 : 10;
        regions.splice(index + 1, 0, omost.places.moved(region, step, step, snap || !free));
        return {...canvas, regions};
    }

    // The roundest number between two, neither of them; null where there is none.
    function between(high, low) {
        for (let digits = 0; digits < 9; digits++) {
            const number = Number(((high + low) / 2).toFixed(digits));
            if (low < number && number < high) return number;
        }
        return null;
    }

    // The canvas with a region at another place among all from far (0) to near.
    function reordered(canvas, index, place) {
        const order = farToNear(canvas).filter((i) => i !== index);
        const farther = canvas.regions[order[place - 1]]?.distance_to_viewer;
        const nearer = canvas.regions[order[place]]?.distance_to_viewer ?? 0;
        const distance = farther === undefined ? Math.floor(nearer) + 1 : between(farther, nearer);
        if (distance !== null) {
            const region = {...canvas.regions[index], distance_to_viewer: distance};
            return replaced(canvas, index, region);
        }
        // Equal neighbours leave no room between them: all are counted anew.
        order.splice(place, 0, index);
        const regions = [...canvas.regions];
        order.forEach((i, rank) => {
            regions[i] = {...regions[i], distance_to_viewer: order.length - rank};
        });
        return {...canvas, regions};
    }

    // One step nearer (1) or farther (-1); the same canvas where that is not possible.
    function raised(canvas, index, step) {
        const place = farToNear(canvas).indexOf(index) + step;
        return place < 0 || place >= canvas.regions.length ? canvas : reordered(canvas, index, place);
    }

    const FIELDS = ["location", "offset", "area", "box", "distance_to_viewer", "description",
        "detailed_descriptions", "tags", "atmosphere", "style", "quality_meta", "color", "syntax"];
    const same = (one, other, name) => JSON.stringify(one[name]) === JSON.stringify(other[name]);
    const telling = (region) => new Set(region.description.toLowerCase().match(/\w{3,}/g) ?? []);

    // How much two regions have in common, 0 for nothing.
    function likeness(one, other) {
        if (one === other) return 100;
        const equal = FIELDS.filter((name) => same(one, other, name));
        if (equal.length === FIELDS.length) return 99;
        const words = telling(one), others = telling(other);
        const shared = [...words].filter((word) => others.has(word)).length
            / Math.max(new Set([...words, ...others]).size, 1);
        const isPlaced = ["location", "offset", "area", "box"].every((name) => equal.includes(name));
        return shared || isPlaced ? 20 * shared + equal.length : 0;
    }

    // The position in another canvas of what is the same region, null where it is gone: each
    // region goes to the one that is most like it, those most alike first.
    function found(canvas, index, other) {
        const pairs = canvas.regions.flatMap((region, from) => other.regions.map((match, to) =>
            ({from, to, score: likeness(region, match), away: Math.abs(from - to)})));
        const taken = new Set(), left = new Set();
        pairs.sort((a, b) => b.score - a.score || a.away - b.away);
        for (const {from, to, score} of pairs) {
            if (!score || left.has(from) || taken.has(to)) continue;
            if (from === index) return to;
            left.add(from);
            taken.add(to);
        }
        return null;
    }

    return {empty, farToNear, replaced, added, described, colored, removed, duplicated, reordered,
        raised, found};
})();
