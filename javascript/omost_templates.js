// Divides the picture among several things: columns, rows, a grid, thirds, foreground and background.

const omostTemplates = (() => {
    /**
     * @typedef {object} TemplateLayout
     * @property {Box[]} boxes One for each thing, in canvas units.
     * @property {boolean} hasBackground The last thing lies behind all others.
     */

    // How many regions a template gets that has no things to place.
    /** @type {Record<string, number>} */
    const COUNTS = {columns: 3, rows: 3, grid: 4, thirds: 3, foreground: 2};

    /** @param {number} share */
    const units = (share) => Math.round(share * omostServerData.units);

    /**
     * Divides a box into columns of equal width.
     *
     * @param {number} count
     * @param {Box} box Its sides as shares of the picture, 0 to 1.
     * @returns {Box[]} In canvas units.
     */
    const columns = (count, {left, top, right, bottom}) =>
        Array.from({length: count}, (_, index) => ({
            left: units(left + (right - left) * (index / count)), top: units(top),
            right: units(left + (right - left) * ((index + 1) / count)), bottom: units(bottom),
        }));

    /**
     * Divides a box into rows of equal height.
     *
     * @param {number} count
     * @param {Box} box As for `columns`.
     */
    const rows = (count, {left, top, right, bottom}) =>
        columns(count, {left: top, top: left, right: bottom, bottom: right}).map((column) => ({
            left: column.top, top: column.left, right: column.bottom, bottom: column.right,
        }));

    const WHOLE = {left: 0, top: 0, right: 1, bottom: 1};
    const LEFT_THIRDS = {...WHOLE, right: 2 / 3}, RIGHT_THIRD = {...WHOLE, left: 2 / 3};
    const LOWER_THIRDS = {...WHOLE, top: 1 / 3};

    /**
     * Divides the picture into rows of about as many cells; the cells of a short last row are wider.
     *
     * @param {number} count
     */
    function grid(count) {
        const across = Math.ceil(Math.sqrt(count)), down = Math.ceil(count / across);
        return Array.from({length: down}, (_, row) => columns(
            Math.min(across, count - row * across),
            {...WHOLE, top: row / down, bottom: (row + 1) / down})).flat();
    }

    /** @type {Record<string, (count: number) => Box[]>} */
    const LAYOUTS = {
        columns: (count) => columns(count, WHOLE),
        rows: (count) => rows(count, WHOLE),
        grid,
        // The first thing fills two thirds of the picture, the others share the third beside it.
        thirds: (count) => [...columns(1, LEFT_THIRDS), ...rows(count - 1, RIGHT_THIRD)],
        foreground: (count) => (count > 1
            ? [...columns(count - 1, LOWER_THIRDS), ...columns(1, WHOLE)]
            : columns(1, LOWER_THIRDS)),
    };

    /**
     * Returns the places of a number of things, at least one.
     *
     * @param {string} name columns, rows, grid, thirds or foreground.
     * @param {number} count
     * @returns {TemplateLayout}
     */
    const layout = (name, count) => (
        {boxes: LAYOUTS[name](count), hasBackground: name === "foreground" && count > 1});

    /**
     * Returns the things that a request lists: "a, b and c" has three.
     *
     * @param {string} request
     */
    function things(request) {
        const parts = request.split(/[,;，、；\n]+/u);
        const last = parts.length > 1 ? (parts.pop() ?? "").split(/(?:^|\s)and\s/u) : [];
        return [...parts, ...last].map((part) => part.trim().replace(/\.$/u, "")).filter(Boolean);
    }

    /**
     * Adds the regions of a template in front of all others.
     *
     * @param {Canvas} canvas
     * @param {string} name
     * @param {string} request The things that it lists become the regions; the whole request
     *     describes a picture that has no description yet.
     * @returns {Canvas}
     */
    function apply(canvas, name, request) {
        const listed = things(request);
        const {boxes, hasBackground} = layout(name, listed.length || COUNTS[name]);
        const distance = omostCanvasEdits.nearestDistance(canvas);
        const added = boxes.reduce((latest, box, index) => {
            const {regions} = omostCanvasEdits.addRegion(latest, omostBoxes.exactPlacement(box));
            const region = {...regions[regions.length - 1], distance_to_viewer: distance};
            return {...latest, regions: [...latest.regions,
                omostCanvasEdits.setDescription(region, listed[index] ?? "")]};
        }, canvas);
        const described = added.description.trim()
            ? added : omostCanvasEdits.setDescription(added, request.trim());
        return hasBackground
            ? omostCanvasEdits.moveToRank(described, described.regions.length - 1, 0) : described;
    }

    /**
     * Moves regions to the places of a template.
     *
     * @param {Canvas} canvas
     * @param {string} name
     * @param {number[]} indices The regions in the order of the places.
     * @returns {Canvas}
     */
    function arrange(canvas, name, indices) {
        const {boxes, hasBackground} = layout(name, indices.length);
        const placed = omostCanvasEdits.replaceRegions(canvas, new Map(indices.map((index, position) =>
            [index, omostBoxes.place(canvas.regions[index],
                omostBoxes.exactPlacement(boxes[position]))])));
        const last = indices[indices.length - 1];
        return hasBackground ? omostCanvasEdits.moveToRank(placed, last, 0) : placed;
    }

    return {names: Object.keys(LAYOUTS), layout, things, apply, arrange};
})();
