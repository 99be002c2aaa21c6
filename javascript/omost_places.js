// Boxes and the 729 places that have a name. A box is {left, top, right, bottom} in canvas units;
// a region carries either the names or box: [top, bottom, left, right], as the canvas's JSON does.

omost.places = (() => {
    const clip = (value) => Math.min(Math.max(value, 0), omost.facts.units);

    // Where a place's box would be, also beyond the picture.
    function whole({location, offset, area}) {
        const [x, y] = omost.facts.locations[location];
        const [dx, dy] = omost.facts.offsets[offset];
        const [width, height] = omost.facts.areas[area];
        const left = x + dx - width / 2, top = y + dy - height / 2;
        return {left, top, right: left + width, bottom: top + height};
    }

    const clipped = (box) => ({
        left: clip(box.left), top: clip(box.top), right: clip(box.right), bottom: clip(box.bottom),
    });

    function box(region) {
        if (!region.box) return clipped(whole(region));
        const [top, bottom, left, right] = region.box;
        return {left, top, right, bottom};
    }

    const isFree = (region) => Boolean(region.box);
    const words = (region) => isFree(region)
        ? omost.say("free")
        : `${region.location}, ${region.offset}, ${region.area}`;

    const distance = (a, b) => (a.left - b.left) ** 2 + (a.top - b.top) ** 2
        + (a.right - b.right) ** 2 + (a.bottom - b.bottom) ** 2;

    // The named place most like a box; with an area only those of this area are looked at, by
    // where they are also beyond the picture's edge.
    function nearest(wanted, area = null) {
        let best = null, least = Infinity;
        for (const location of Object.keys(omost.facts.locations)) {
            for (const offset of Object.keys(omost.facts.offsets)) {
                for (const size of area ? [area] : Object.keys(omost.facts.areas)) {
                    const place = {location, offset, area: size};
                    const found = whole(place);
                    const far = distance(wanted, area ? found : clipped(found));
                    if (far < least) [best, least] = [place, far];
                }
            }
        }
        return best;
    }

    function without(region) {
        const {location, offset, area, box: free, ...rest} = region;
        return rest;
    }

    // The region at a place of the same kind that names it, before its other fields as the server
    // writes them.
    const at = (region, place) => ({...place, ...without(region)});

    // In whole units, at least `least` wide and high.
    function free(region, {left, top, right, bottom}) {
        return at(region, {box: [top, bottom, left, right].map((side) => clip(Math.round(side)))});
    }

    // The region with its box moved; the size stays.
    function moved(region, dx, dy, snap) {
        const from = isFree(region) ? box(region) : whole(region);
        if (snap && !isFree(region)) {
            const to = {
                left: from.left + dx, right: from.right + dx,
                top: from.top + dy, bottom: from.bottom + dy,
            };
            return at(region, nearest(to, region.area));
        }
        const now = box(region), units = omost.facts.units;
        const x = Math.min(Math.max(dx, -now.left), units - now.right);
        const y = Math.min(Math.max(dy, -now.top), units - now.bottom);
        const to = {
            left: now.left + x, right: now.right + x, top: now.top + y, bottom: now.bottom + y,
        };
        return snap ? at(region, nearest(to)) : free(region, to);
    }

    const LEAST = 4; // units that a side must have, to be seen and taken hold of

    // The region with some of its sides moved; edges has the letters n, s, w, e.
    function resized(region, edges, dx, dy, snap) {
        const to = {...box(region)};
        if (edges.includes("w")) to.left = Math.min(clip(to.left + dx), to.right - LEAST);
        if (edges.includes("e")) to.right = Math.max(clip(to.right + dx), to.left + LEAST);
        if (edges.includes("n")) to.top = Math.min(clip(to.top + dy), to.bottom - LEAST);
        if (edges.includes("s")) to.bottom = Math.max(clip(to.bottom + dy), to.top + LEAST);
        return snap ? at(region, nearest(to)) : free(region, to);
    }

    // The region in the box between two points, at least LEAST wide and high.
    function between(region, one, other, snap) {
        const left = clip(Math.min(one.x, other.x)), top = clip(Math.min(one.y, other.y));
        const right = Math.max(clip(Math.max(one.x, other.x)), left + LEAST);
        const bottom = Math.max(clip(Math.max(one.y, other.y)), top + LEAST);
        const to = {left, top, right, bottom};
        return snap ? at(region, nearest(to)) : free(region, to);
    }

    // A step by the arrow keys: to the next place, or by one unit; by size, to the next area.
    const STEPS = {snap: 10, free: 1};

    function stepped(region, dx, dy, snap) {
        const step = snap ? STEPS.snap : STEPS.free;
        return moved(region, dx * step, dy * step, snap);
    }

    // To the nearest other area that is larger, or smaller, in the direction; one that is so in the
    // other direction too comes later.
    function grown(region, dx, dy, snap) {
        if (!snap || isFree(region)) {
            return resized(region, "se", dx * STEPS.free, dy * STEPS.free, snap);
        }
        const [width, height] = omost.facts.areas[region.area];
        const ahead = ([w, h]) => dx * (w - width) + dy * (h - height);
        const across = ([w, h]) => Math.abs(dx) * (h - height) + Math.abs(dy) * (w - width);
        const change = (size) => Math.abs(size[0] - width) + Math.abs(size[1] - height)
            + (across(size) * (dx + dy) > 0 ? 20 : 0);
        const areas = Object.entries(omost.facts.areas).filter(([, size]) => ahead(size) > 0);
        if (!areas.length) return region;
        const [area] = areas.reduce((best, next) => change(next[1]) < change(best[1]) ? next : best);
        return at(region, {location: region.location, offset: region.offset, area});
    }

    return {box, words, isFree, nearest, at, free, moved, resized, between, stepped, grown};
})();
