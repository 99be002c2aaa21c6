// Treats the regions of a canvas as layers: numbers, hides, isolates and locks them.
//
// Each function returns a new canvas and leaves the old one unchanged. An index is a region's
// position in the code.

const omostLayers = (() => {
    // Keys that exist in the page only: a symbol is copied with the region but is not written into
    // the canvas's text.
    const LOCKED = Symbol("locked");
    const HIDDEN_BEFORE = Symbol("hidden before the others were isolated");

    /**
     * Returns the number of each region by its index: 1 is the nearest, as in the list.
     *
     * @param {Canvas} canvas
     */
    function numbers(canvas) {
        /** @type {number[]} */
        const found = [];
        const order = omostCanvasEdits.farToNear(canvas);
        order.forEach((index, rank) => { found[index] = order.length - rank; });
        return found;
    }

    /**
     * Returns the region, which then counts in the picture or not. A visible region has no key
     * "hidden", so that code can express it.
     *
     * @param {Region} region
     * @param {boolean} isHidden
     * @returns {Region}
     */
    function setHidden(region, isHidden) {
        if (Boolean(region.hidden) === isHidden) return region;
        const {hidden, ...visible} = region;
        return /** @type {Region} */ (isHidden ? {...visible, hidden: true} : visible);
    }

    /**
     * @param {Canvas} canvas
     * @param {number[]} indices
     * @param {(region: Region, index: number) => Region} change
     * @returns {Canvas}
     */
    const changeEach = (canvas, indices, change) => ({
        ...canvas,
        regions: canvas.regions.map((region, index) =>
            (indices.includes(index) ? change(region, index) : region)),
    });

    /** @param {Canvas} canvas */
    const allOf = (canvas) => canvas.regions.map((_, index) => index);

    /**
     * Hides the regions, or shows them if all of them are hidden.
     *
     * @param {Canvas} canvas
     * @param {number[]} indices
     */
    function toggleHidden(canvas, indices) {
        const isShown = indices.every((index) => canvas.regions[index].hidden);
        return changeEach(canvas, allOf(canvas), (region, index) => ({
            ...(indices.includes(index) ? setHidden(region, !isShown) : region),
            [HIDDEN_BEFORE]: undefined,
        }));
    }

    /**
     * Tells whether these regions are the only ones in the picture and others are hidden.
     *
     * @param {Canvas} canvas
     * @param {number[]} indices
     */
    const areAlone = (canvas, indices) => indices.length < canvas.regions.length
        && canvas.regions.every(({hidden}, index) => Boolean(hidden) !== indices.includes(index));

    /**
     * Hides all other regions. If they are alone already, shows the others as they were before.
     *
     * @param {Canvas} canvas
     * @param {number[]} indices
     */
    function toggleAlone(canvas, indices) {
        if (areAlone(canvas, indices)) {
            return changeEach(canvas, allOf(canvas), (region) => {
                const wasHidden = Boolean(/** @type {any} */ (region)[HIDDEN_BEFORE]);
                return {...setHidden(region, wasHidden), [HIDDEN_BEFORE]: undefined};
            });
        }
        return changeEach(canvas, allOf(canvas), (region, index) => {
            const before = /** @type {any} */ (region)[HIDDEN_BEFORE] ?? Boolean(region.hidden);
            return {...setHidden(region, !indices.includes(index)), [HIDDEN_BEFORE]: before};
        });
    }

    /** @param {Region} region */
    const isLocked = (region) => Boolean(/** @type {any} */ (region)[LOCKED]);

    /** @param {Region} region */
    const unlocked = (region) => (isLocked(region) ? {...region, [LOCKED]: false} : region);

    /**
     * Locks the regions, or unlocks them if all of them are locked.
     *
     * @param {Canvas} canvas
     * @param {number[]} indices
     */
    function toggleLocked(canvas, indices) {
        const isUnlocked = indices.every((index) => isLocked(canvas.regions[index]));
        return changeEach(canvas, indices, (region) => ({...region, [LOCKED]: !isUnlocked}));
    }

    /**
     * Returns the other canvas with the locks of a canvas, which a text does not contain.
     *
     * @param {Canvas | null} canvas
     * @param {Canvas} other
     * @param {Map<number, number>} pairs The index in the other canvas by that in the canvas.
     */
    function carryLocks(canvas, other, pairs) {
        const locked = (canvas?.regions ?? []).flatMap((region, index) =>
            (isLocked(region) ? [index] : []));
        if (!locked.length && !other.regions.some(isLocked)) return other;
        const found = locked.map((index) => pairs.get(index));
        return changeEach(other, allOf(other), (region, index) =>
            ({...region, [LOCKED]: found.includes(index)}));
    }

    return {numbers, toggleHidden, areAlone, toggleAlone, isLocked, unlocked, toggleLocked,
        carryLocks};
})();
