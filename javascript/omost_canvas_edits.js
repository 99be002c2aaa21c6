// Edits a canvas: adds, copies, removes and reorders regions.
//
// A canvas is an object in the extension's JSON format. Each function returns a new canvas and
// leaves the old one unchanged, because the history stores both. An index is a region's position in
// the code.

/**
 * @typedef {object} RegionFields
 * @property {number} distance_to_viewer Above 0; larger is farther.
 * @property {string} description
 * @property {string[]} detailed_descriptions
 * @property {string} tags
 * @property {RgbColor} color
 * @property {string} atmosphere
 * @property {string} style
 * @property {string} quality_meta
 * @property {string} [syntax]
 * @property {boolean} [hidden] The region is not in the picture.
 *
 * @typedef {RegionFields & Placement} Region
 *
 * @typedef {object} Canvas
 * @property {number} omost_canvas The version of the JSON format.
 * @property {string} description
 * @property {string[]} detailed_descriptions
 * @property {string} tags
 * @property {RgbColor} color
 * @property {string} [syntax]
 * @property {Region[]} regions In the order of the code.
 */

const omostCanvasEdits = (() => {
    const DUPLICATE_STEP = 4; // units by which the copy of a free box is moved

    // Colours that are easy to distinguish on light and on dark backgrounds.
    const PALETTE = ["tomato", "gold", "mediumseagreen", "dodgerblue", "orchid", "sandybrown",
        "turquoise", "slateblue", "yellowgreen", "hotpink"];

    // Key of a drawn region's palette colour. The key exists until the user picks a colour; until then
    // a colour word in the description changes the region's colour. A symbol is copied with the region
    // but is not written into the canvas's text.
    const UNPICKED = Symbol("unpicked colour");

    /** @returns {Canvas} */
    const emptyCanvas = () => ({...omostServerData.empty_canvas});

    /**
     * Returns the indices of the regions from far to near. Of equal distances the later is nearer.
     *
     * @param {Canvas} canvas
     */
    const farToNear = (canvas) => canvas.regions
        .map((region, index) => [region.distance_to_viewer, index])
        .sort((a, b) => b[0] - a[0] || a[1] - b[1])
        .map(([, index]) => index);

    /**
     * @param {Canvas} canvas
     * @param {number} index
     * @param {Region} region
     * @returns {Canvas}
     */
    const replaceRegion = (canvas, index, region) =>
        ({...canvas, regions: canvas.regions.map((old, i) => (i === index ? region : old))});

    /**
     * @param {Canvas} canvas
     * @param {Map<number, Region>} regions The new regions by their indices.
     * @returns {Canvas}
     */
    const replaceRegions = (canvas, regions) => ({
        ...canvas, regions: canvas.regions.map((old, index) => regions.get(index) ?? old),
    });

    /**
     * Returns the distance of a region in front of all others.
     *
     * @param {Canvas} canvas
     */
    function nearestDistance(canvas) {
        const nearest = canvas.regions[farToNear(canvas).at(-1) ?? -1]?.distance_to_viewer;
        return nearest === undefined ? 1 : roundNumberBetween(nearest, 0) ?? nearest;
    }

    /**
     * Adds a region without texts in front of all others.
     *
     * @param {Canvas} canvas
     * @param {Placement} placement
     * @returns {Canvas}
     */
    function addRegion(canvas, placement) {
        const color = omostServerData.colors[PALETTE[canvas.regions.length % PALETTE.length]];
        const region = {
            ...placement, ...omostServerData.new_region,
            distance_to_viewer: nearestDistance(canvas), color, [UNPICKED]: color,
        };
        return {...canvas, regions: [...canvas.regions, region]};
    }

    /**
     * Changes the description of a region or of the whole picture. Until the user picks a colour, a
     * colour word in the description also changes the colour.
     *
     * @template {Region | Canvas} P
     * @param {P} part
     * @param {string} description
     * @returns {P}
     */
    function setDescription(part, description) {
        const unpicked = /** @type {any} */ (part)[UNPICKED];
        const color = unpicked && (omostColors.findInText(description) ?? unpicked);
        return {...part, description, ...(color ? {color} : {})};
    }

    /**
     * @template {Region | Canvas} P
     * @param {P} part
     * @param {RgbColor} color
     * @returns {P}
     */
    const setColor = (part, color) => ({...part, color, [UNPICKED]: null});

    /**
     * @param {Canvas} canvas
     * @param {number[]} indices
     * @returns {Canvas}
     */
    const removeRegions = (canvas, indices) =>
        ({...canvas, regions: canvas.regions.filter((_, i) => !indices.includes(i))});

    /**
     * Copies regions. Each copy follows its region in the code, one step to its lower right.
     *
     * @param {Canvas} canvas
     * @param {number[]} indices
     * @param {boolean} snap
     * @returns {Canvas}
     */
    const duplicateRegions = (canvas, indices, snap) =>
        insertCopies(canvas, indices, (region) => besideRegion(region, snap));

    /**
     * Returns the region moved a step to the lower right.
     *
     * @param {Region} region
     * @param {boolean} snap
     */
    function besideRegion(region, snap) {
        const isFree = omostBoxes.isFree(region);
        const step = isFree ? DUPLICATE_STEP : omostServerData.offset_step;
        return omostBoxes.move(region, step, step, snap || !isFree);
    }

    /**
     * Adds the regions of another canvas at their places, or a step beside equal ones. An empty canvas
     * becomes the other one.
     *
     * @param {Canvas} canvas
     * @param {Canvas} other
     * @param {boolean} snap
     * @returns {Canvas}
     */
    function insertCanvas(canvas, other, snap) {
        if (!canvas.regions.length && !canvas.description.trim()) return other;
        const places = canvas.regions.map(placeOf);
        const added = other.regions.map((region) =>
            (places.includes(placeOf(region)) ? besideRegion(region, snap) : region));
        return {...canvas, regions: [...canvas.regions, ...added]};
    }

    /** @param {Region} region */
    const placeOf = (region) => Object.values(omostBoxes.boxOf(region)).join();

    /**
     * Inserts a copy, which is not locked, after each of the regions.
     *
     * @param {Canvas} canvas
     * @param {number[]} indices
     * @param {(region: Region, index: number) => Region} copy
     * @returns {Canvas}
     */
    const insertCopies = (canvas, indices, copy) => ({
        ...canvas,
        regions: canvas.regions.flatMap((region, index) =>
            (indices.includes(index) ? [region, omostLayers.unlocked(copy(region, index))] : [region])),
    });

    /**
     * Returns the indices of the copies that insertCopies has made, in the order of their regions.
     *
     * @param {number[]} indices
     */
    const copiesOf = (indices) => indices.map((index) =>
        index + indices.filter((other) => other <= index).length);

    /**
     * Returns the number with the fewest decimal places between two, null if there is none.
     *
     * @param {number} high
     * @param {number} low
     */
    function roundNumberBetween(high, low) {
        for (let digits = 0; digits < 9; digits++) {
            const number = Number(((high + low) / 2).toFixed(digits));
            if (low < number && number < high) return number;
        }
        return null;
    }

    /**
     * Moves a region to a rank among all regions, from far (0) to near.
     *
     * @param {Canvas} canvas
     * @param {number} index
     * @param {number} rank
     * @returns {Canvas}
     */
    function moveToRank(canvas, index, rank) {
        const order = farToNear(canvas).filter((i) => i !== index);
        const farther = canvas.regions[order[rank - 1]]?.distance_to_viewer;
        const nearer = canvas.regions[order[rank]]?.distance_to_viewer ?? 0;
        const distance = farther === undefined
            ? Math.floor(nearer) + 1 : roundNumberBetween(farther, nearer);
        if (distance !== null) {
            const region = {...canvas.regions[index], distance_to_viewer: distance};
            return replaceRegion(canvas, index, region);
        }
        // No number lies between two equal distances, so all regions get new distances.
        order.splice(rank, 0, index);
        const regions = [...canvas.regions];
        order.forEach((i, position) => {
            regions[i] = {...regions[i], distance_to_viewer: order.length - position};
        });
        return {...canvas, regions};
    }

    /**
     * Moves regions one rank nearer (1) or farther (-1). Regions at the end stay there.
     *
     * @param {Canvas} canvas
     * @param {number[]} indices
     * @param {number} step
     */
    function moveByRank(canvas, indices, step) {
        const order = farToNear(canvas);
        const moving = order.filter((index) => indices.includes(index));
        let moved = canvas, end = step > 0 ? order.length - 1 : 0;
        for (const index of step > 0 ? moving.reverse() : moving) {
            const rank = farToNear(moved).indexOf(index);
            if (rank === end) end -= step;
            else moved = moveToRank(moved, index, rank + step);
        }
        return moved;
    }

    return {emptyCanvas, farToNear, replaceRegion, replaceRegions, nearestDistance, addRegion, setDescription, setColor,
        removeRegions, duplicateRegions, insertCanvas, insertCopies, copiesOf, moveToRank, moveByRank};
})();
