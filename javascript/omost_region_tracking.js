// Finds a region of one canvas in another canvas, to preserve the selection.

const omostRegionTracking = (() => {
    const PLACEMENT = ["location", "offset", "area", "box"];
    const fields = () => [...PLACEMENT, ...Object.keys(omostServerData.new_region), "syntax"];

    /**
     * @param {any} one
     * @param {any} other
     * @param {string} name
     */
    const isEqual = (one, other, name) => JSON.stringify(one[name]) === JSON.stringify(other[name]);

    /** @param {Region} region */
    const significantWords = (region) =>
        new Set(region.description.toLowerCase().match(/\w{3,}/g) ?? []);

    /**
     * Returns how much two regions have in common, 0 for nothing.
     *
     * @param {Region} one
     * @param {Region} other
     */
    function similarity(one, other) {
        if (one === other) return 100;
        const names = fields();
        const equal = names.filter((name) => isEqual(one, other, name));
        if (equal.length === names.length) return 99;
        const words = significantWords(one), others = significantWords(other);
        const shared = [...words].filter((word) => others.has(word)).length
            / Math.max(new Set([...words, ...others]).size, 1);
        const isSamePlace = PLACEMENT.every((name) => equal.includes(name));
        return shared || isSamePlace ? 20 * shared + equal.length : 0;
    }

    /**
     * Returns the index of a region in another canvas, null if it is gone. The most similar regions
     * are paired first, and each region has one partner at most.
     *
     * @param {Canvas} canvas
     * @param {number} index
     * @param {Canvas} other
     */
    function findRegion(canvas, index, other) {
        const pairs = canvas.regions.flatMap((region, from) => other.regions.map((match, to) => (
            {from, to, score: similarity(region, match), shift: Math.abs(from - to)})));
        const pairedFrom = new Set(), pairedTo = new Set();
        pairs.sort((a, b) => b.score - a.score || a.shift - b.shift);
        for (const {from, to, score} of pairs) {
            if (!score || pairedFrom.has(from) || pairedTo.has(to)) continue;
            if (from === index) return to;
            pairedFrom.add(from);
            pairedTo.add(to);
        }
        return null;
    }

    return {findRegion};
})();
