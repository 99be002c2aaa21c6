// Computes the result of a drag over the picture area from its start and end.

const omostDrags = (() => {
    /**
     * Returns the box between two corners, in any order.
     *
     * @param {Point} one
     * @param {Point} other
     * @returns {Box}
     */
    const spannedBox = (one, other) => ({
        left: Math.min(one.x, other.x), right: Math.max(one.x, other.x),
        top: Math.min(one.y, other.y), bottom: Math.max(one.y, other.y),
    });

    /**
     * Tells whether the drag copies regions instead of moving them: Alt is pressed.
     *
     * @param {Drag} drag
     */
    const isCopy = ({edges, latest}) => !edges && latest.altKey;

    /**
     * Returns the selected regions that are not locked, moved or resized, by their indices.
     *
     * @param {OmostRegionEditor} editor
     * @param {Drag} drag
     * @param {Point} end
     * @returns {Map<number, Region>}
     */
    function changedRegions({canvas, selection, editable, snap}, drag, end) {
        const indices = isCopy(drag) ? selection : editable;
        const dx = end.x - drag.start.x, dy = end.y - drag.start.y;
        const regions = indices.flatMap((index) => canvas?.regions[index] ?? []);
        const changed = drag.edges
            ? omostBoxes.resizeTogether(regions, drag.edges, dx, dy, snap)
            : omostBoxes.moveTogether(regions, dx, dy, snap);
        return new Map(changed.map((region, position) => [indices[position], region]));
    }

    /**
     * Returns the selection with the visible regions whose centre lies in the dragged box. Large
     * regions need not be surrounded, and the background under the drag is not selected with them.
     *
     * @param {OmostRegionEditor} editor
     * @param {Drag} drag
     * @param {Point} end
     */
    function surrounded({canvas, selection}, drag, end) {
        const band = spannedBox(drag.start, end);
        const found = (canvas?.regions ?? []).flatMap((region, index) => {
            const {left, top, right, bottom} = omostBoxes.boxOf(region);
            const x = (left + right) / 2, y = (top + bottom) / 2;
            const isInside = band.left <= x && x <= band.right && band.top <= y && y <= band.bottom;
            return isInside && !region.hidden && !omostLayers.isLocked(region) ? [index] : [];
        });
        return [...new Set([...selection, ...found])];
    }

    return {spannedBox, isCopy, changedRegions, surrounded};
})();
