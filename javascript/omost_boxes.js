// Converts the placements of regions to boxes: 729 named places, and free boxes.

/**
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box In canvas units.
 * @typedef {{x: number, y: number}} Point In canvas units.
 * @typedef {{location: string, offset: string, area: string, box?: undefined}} NamedPlace
 * @typedef {{box: number[], location?: undefined, offset?: undefined, area?: undefined}} FreeBox
 *     Top, bottom, left and right, as in the canvas's JSON.
 * @typedef {NamedPlace | FreeBox} Placement
 */

const omostBoxes = (() => {
    const MIN_SIDE = 4; // units; a smaller box could not be seen or grasped
    const FREE_STEP = 1; // units by which an arrow key moves a free box

    /** @param {number} value */
    const clip = (value) => Math.min(Math.max(value, 0), omostServerData.units);

    /**
     * Returns the box of a named place, which may reach beyond the picture.
     *
     * @param {NamedPlace} place
     * @returns {Box}
     */
    function unclippedBox({location, offset, area}) {
        const [x, y] = omostServerData.locations[location];
        const [dx, dy] = omostServerData.offsets[offset];
        const [width, height] = omostServerData.areas[area];
        const left = x + dx - width / 2, top = y + dy - height / 2;
        return {left, top, right: left + width, bottom: top + height};
    }

    /** @param {Box} box */
    const clipBox = (box) => ({
        left: clip(box.left), top: clip(box.top), right: clip(box.right), bottom: clip(box.bottom),
    });

    /**
     * Returns the box of a region within the picture.
     *
     * @param {Placement} region
     * @returns {Box}
     */
    function boxOf(region) {
        if (!region.box) return clipBox(unclippedBox(region));
        const [top, bottom, left, right] = region.box;
        return {left, top, right, bottom};
    }

    /** @param {Placement} region */
    const isFree = (region) => Boolean(region.box);

    /** @param {Placement} region */
    const describe = (region) => (isFree(region)
        ? omostTexts.format("free")
        : [region.location, region.offset, region.area]
            .map((name) => omostTexts.translate(name ?? "")).join(", "));

    /**
     * @param {Box} a
     * @param {Box} b
     */
    const squaredDistance = (a, b) => (a.left - b.left) ** 2 + (a.top - b.top) ** 2
        + (a.right - b.right) ** 2 + (a.bottom - b.bottom) ** 2;

    /**
     * Returns the named place that is most like a box.
     *
     * @param {Box} target
     * @param {string | null} area If given, only places of this area count, and they are compared
     *     beyond the picture's edge too.
     * @returns {NamedPlace}
     */
    function nearestPlace(target, area = null) {
        let nearest = null, least = Infinity;
        for (const location of Object.keys(omostServerData.locations)) {
            for (const offset of Object.keys(omostServerData.offsets)) {
                for (const size of area ? [area] : Object.keys(omostServerData.areas)) {
                    const candidate = {location, offset, area: size};
                    const box = unclippedBox(candidate);
                    const distance = squaredDistance(target, area ? box : clipBox(box));
                    if (distance < least) [nearest, least] = [candidate, distance];
                }
            }
        }
        return /** @type {NamedPlace} */ (nearest);
    }

    /**
     * Returns the region at another place. The place comes first, as in the server's JSON.
     *
     * @template {object} R
     * @param {R & Placement} region
     * @param {Placement} placement
     * @returns {R & Placement}
     */
    function place(region, placement) {
        const {location, offset, area, box, ...others} = region;
        return /** @type {any} */ ({...placement, ...others});
    }

    /**
     * Returns a range in whole units within the picture, at least one unit long.
     *
     * @param {number} start
     * @param {number} end
     */
    function wholeUnits(start, end) {
        const first = Math.min(clip(Math.round(start)), omostServerData.units - 1);
        return [first, Math.max(clip(Math.round(end)), first + 1)];
    }

    /**
     * Returns a free box in whole units.
     *
     * @param {Box} box
     * @returns {FreeBox}
     */
    const freeBox = ({left, top, right, bottom}) =>
        ({box: [...wholeUnits(top, bottom), ...wholeUnits(left, right)]});

    /**
     * Returns the named place with exactly this box if there is one, else the free box.
     *
     * @param {Box} box
     * @returns {Placement}
     */
    function exactPlacement(box) {
        const free = freeBox(box), named = nearestPlace(box);
        return squaredDistance(boxOf(free), boxOf(named)) ? free : named;
    }

    /**
     * Returns the placement for a box.
     *
     * @param {Box} box
     * @param {boolean} snap Use the nearest named place instead of a free box.
     * @returns {Placement}
     */
    const placementOf = (box, snap) => (snap ? nearestPlace(box) : freeBox(box));

    /**
     * Returns the region moved by dx and dy units; its size stays.
     *
     * @template {object} R
     * @param {R & Placement} region
     * @param {number} dx
     * @param {number} dy
     * @param {boolean} snap Move it to a named place.
     */
    function move(region, dx, dy, snap) {
        if (snap && !region.box) {
            const box = unclippedBox(region);
            const moved = {
                left: box.left + dx, right: box.right + dx,
                top: box.top + dy, bottom: box.bottom + dy,
            };
            return place(region, nearestPlace(moved, region.area));
        }
        const now = boxOf(region), units = omostServerData.units;
        const x = Math.min(Math.max(dx, -now.left), units - now.right);
        const y = Math.min(Math.max(dy, -now.top), units - now.bottom);
        const moved = {
            left: now.left + x, right: now.right + x, top: now.top + y, bottom: now.bottom + y,
        };
        return place(region, placementOf(moved, snap));
    }

    /**
     * Returns how far a region can move: up to the picture's edge, or to the outermost named place.
     *
     * @param {Placement} region
     * @param {boolean} snap
     * @returns {Box} Negative distances to the left and the top, positive ones to the others.
     */
    function room(region, snap) {
        const {units, offset_step: step} = omostServerData;
        const {left, top, right, bottom} = boxOf(region);
        if (!snap || region.box) {
            return {left: -left, top: -top, right: units - right, bottom: units - bottom};
        }
        const box = unclippedBox(region);
        const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
        return {left: step / 2 - x, top: step / 2 - y,
            right: units - step / 2 - x, bottom: units - step / 2 - y};
    }

    /**
     * Returns the regions moved together by dx and dy units, no farther than each of them can move.
     *
     * @template {object} R
     * @param {(R & Placement)[]} regions
     * @param {number} dx
     * @param {number} dy
     * @param {boolean} snap
     */
    function moveTogether(regions, dx, dy, snap) {
        const rooms = regions.map((region) => room(region, snap));
        const x = Math.min(Math.max(dx, ...rooms.map(({left}) => left)),
            ...rooms.map(({right}) => right));
        const y = Math.min(Math.max(dy, ...rooms.map(({top}) => top)),
            ...rooms.map(({bottom}) => bottom));
        // Between two named places, each region might choose another one.
        const step = snap && regions.length > 1 ? omostServerData.offset_step : 0;
        /** @param {number} distance */
        const rounded = (distance) => (step ? Math.round(distance / step) * step : distance);
        return regions.map((region) => move(region, rounded(x), rounded(y), snap));
    }

    /**
     * Returns the regions resized together: some sides of the box around them move by dx and dy.
     *
     * @template {object} R
     * @param {(R & Placement)[]} regions
     * @param {string} edges The sides as letters: n, s, w, e.
     * @param {number} dx
     * @param {number} dy
     * @param {boolean} snap
     */
    function resizeTogether(regions, edges, dx, dy, snap) {
        if (regions.length === 1) return [resize(regions[0], edges, dx, dy, snap)];
        const boxes = regions.map(boxOf);
        const target = resizedBox(omostAlignment.around(boxes), edges, dx, dy);
        return omostAlignment.scale(boxes, target)
            .map((box, index) => place(regions[index], placementOf(box, snap)));
    }

    /**
     * Returns the regions with other boxes, exactly and without regard to snapping.
     *
     * @template {object} R
     * @param {(R & Placement)[]} regions
     * @param {(boxes: Box[]) => Box[]} change
     */
    const arrange = (regions, change) => change(regions.map(boxOf))
        .map((box, index) => place(regions[index], exactPlacement(box)));

    /**
     * Returns the region with some sides moved by dx and dy units.
     *
     * @template {object} R
     * @param {R & Placement} region
     * @param {string} edges The sides as letters: n, s, w, e.
     * @param {number} dx
     * @param {number} dy
     * @param {boolean} snap
     */
    const resize = (region, edges, dx, dy, snap) =>
        place(region, placementOf(resizedBox(boxOf(region), edges, dx, dy), snap));

    /**
     * @param {Box} from
     * @param {string} edges
     * @param {number} dx
     * @param {number} dy
     */
    function resizedBox(from, edges, dx, dy) {
        const box = {...from};
        if (edges.includes("w")) box.left = Math.min(clip(box.left + dx), box.right - MIN_SIDE);
        if (edges.includes("e")) box.right = Math.max(clip(box.right + dx), box.left + MIN_SIDE);
        if (edges.includes("n")) box.top = Math.min(clip(box.top + dy), box.bottom - MIN_SIDE);
        if (edges.includes("s")) box.bottom = Math.max(clip(box.bottom + dy), box.top + MIN_SIDE);
        return box;
    }

    /**
     * Returns the placement of the box between two corners, at least MIN_SIDE wide and high.
     *
     * @param {Point} one
     * @param {Point} other
     * @param {boolean} snap
     */
    function spanning(one, other, snap) {
        const left = clip(Math.min(one.x, other.x)), top = clip(Math.min(one.y, other.y));
        const right = Math.max(clip(Math.max(one.x, other.x)), left + MIN_SIDE);
        const bottom = Math.max(clip(Math.max(one.y, other.y)), top + MIN_SIDE);
        return placementOf({left, top, right, bottom}, snap);
    }

    /**
     * Returns the regions moved by an arrow key: to the next place, or by one unit.
     *
     * @template {object} R
     * @param {(R & Placement)[]} regions
     * @param {number} dx -1, 0 or 1.
     * @param {number} dy -1, 0 or 1.
     * @param {boolean} snap
     */
    function moveByKey(regions, dx, dy, snap) {
        const step = snap ? omostServerData.offset_step : FREE_STEP;
        return moveTogether(regions, dx * step, dy * step, snap);
    }

    /**
     * Returns the regions resized by an arrow key.
     *
     * @template {object} R
     * @param {(R & Placement)[]} regions
     * @param {number} dx -1, 0 or 1.
     * @param {number} dy -1, 0 or 1.
     * @param {boolean} snap
     */
    const resizeByKey = (regions, dx, dy, snap) =>
        regions.map((region) => stepSize(region, dx, dy, snap));

    /**
     * Returns the region with the nearest area that is larger or smaller in the direction, or
     * resized by one unit. Areas that change both directions alike come later.
     *
     * @template {object} R
     * @param {R & Placement} region
     * @param {number} dx
     * @param {number} dy
     * @param {boolean} snap
     */
    function stepSize(region, dx, dy, snap) {
        if (!snap || region.box) {
            return resize(region, "se", dx * FREE_STEP, dy * FREE_STEP, snap);
        }
        const [width, height] = omostServerData.areas[region.area];
        /** @param {number[]} size */
        const along = ([w, h]) => dx * (w - width) + dy * (h - height);
        /** @param {number[]} size */
        const across = ([w, h]) => Math.abs(dx) * (h - height) + Math.abs(dy) * (w - width);
        /** @param {number[]} size */
        const change = (size) => Math.abs(size[0] - width) + Math.abs(size[1] - height)
            + (across(size) * (dx + dy) > 0 ? 20 : 0);
        const areas = Object.entries(omostServerData.areas).filter(([, size]) => along(size) > 0);
        if (!areas.length) return region;
        const [area] = areas.reduce((best, next) =>
            (change(next[1]) < change(best[1]) ? next : best));
        return place(region, {location: region.location, offset: region.offset, area});
    }

    return {boxOf, describe, isFree, nearestPlace, place, freeBox, exactPlacement, move,
        moveTogether, resize, resizeTogether, arrange, spanning, moveByKey, resizeByKey};
})();
