// Finds a region of one canvas in another canvas, to preserve the selection.

const omostRegionTracking = (() => {
    const PLACEMENT = ["location", "offset", "area", "box"];
    const fields = () => [...PLACEMENT, ...Object.keys(omostServerData.new_region), "syntax"];

    /** @param {Region} region */
    const significantWords = (region) =>
        new Set(region.description.toLowerCase().match(/\w{3,}/g) ?? []);

    /**
     * @typedef {object} ComparedRegion
     * @property {number} index
     * @property {Region} region
     * @property {Map<string, string>} values The values of its fields as JSON.
     * @property {Set<string>} words The significant words of its description.
     */

    /**
     * @param {Canvas} canvas
     * @returns {ComparedRegion[]}
     */
    const comparedRegions = ({regions}) => regions.map((region, index) => ({
        index, region, words: significantWords(region),
        values: new Map(fields().map((name) =>
            [name, JSON.stringify(/** @type {any} */ (region)[name])])),
    }));

    /**
     * Returns how much two regions have in common, 0 for nothing.
     *
     * @param {ComparedRegion} one
     * @param {ComparedRegion} other
     */
    function similarity(one, other) {
        if (one.region === other.region) return 100;
        const equal = [...one.values.keys()]
            .filter((name) => one.values.get(name) === other.values.get(name));
        if (equal.length === one.values.size) return 99;
        const shared = [...one.words].filter((word) => other.words.has(word)).length
            / Math.max(new Set([...one.words, ...other.words]).size, 1);
        const isSamePlace = PLACEMENT.every((name) => equal.includes(name));
        return shared || isSamePlace ? 20 * shared + equal.length : 0;
    }

    /**
     * Returns the index in another canvas for each index of a region that is not gone. The most
     * similar regions are paired first, and each region has one partner at most.
     *
     * @param {Canvas} canvas
     * @param {Canvas} other
     * @returns {Map<number, number>}
     */
    function pairRegions(canvas, other) {
        const others = comparedRegions(other);
        const candidates = comparedRegions(canvas).flatMap((one) => others.map((match) => ({
            from: one.index, to: match.index, score: similarity(one, match),
            shift: Math.abs(one.index - match.index),
        })));
        candidates.sort((a, b) => b.score - a.score || a.shift - b.shift);
        /** @type {Map<number, number>} */
        const pairs = new Map(), paired = new Set();
        for (const {from, to, score} of candidates) {
            if (!score || pairs.has(from) || paired.has(to)) continue;
            pairs.set(from, to);
            paired.add(to);
        }
        return pairs;
    }

    return {pairRegions};
})();
