// Changes the selected regions: removes, copies, arranges, reorders and locks them.

class OmostRegionActions {
    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        this.editor = editor;
    }

    /** Selects all regions of the picture. */
    selectVisible() {
        const {canvas} = this.editor;
        if (!canvas) return;
        this.editor.selectAll(omostCanvasEdits.farToNear(canvas)
            .filter((index) => !canvas.regions[index].hidden));
    }

    /** Removes the regions and selects the one that takes the place of the first. */
    remove() {
        const {editor} = this, indices = editor.editable;
        if (!indices.length) return;
        editor.edit((canvas) => omostCanvasEdits.removeRegions(canvas, indices));
        const last = (editor.canvas?.regions.length ?? 0) - 1;
        editor.selectAll(last < 0 ? [] : [Math.min(...indices, last)]);
        editor.pictureArea.focus(editor.selected);
    }

    duplicate() {
        const {editor} = this, {selection, snap} = editor;
        if (!selection.length) return;
        editor.edit((canvas) => omostCanvasEdits.duplicateRegions(canvas, selection, snap));
        editor.selectAll(omostCanvasEdits.copiesOf(selection));
        editor.pictureArea.focus(editor.selected);
    }

    /** @param {Map<number, Region>} copies Each follows the region with its index. */
    insertCopies(copies) {
        const {editor} = this, indices = [...copies.keys()];
        editor.edit((canvas) => omostCanvasEdits.insertCopies(canvas, indices,
            (region, index) => copies.get(index) ?? region));
        editor.selectAll(omostCanvasEdits.copiesOf(indices));
    }

    /**
     * Changes the regions that are not locked.
     *
     * @param {(regions: Region[]) => Region[]} change
     * @param {string | null} tag As for the editor's `edit`.
     */
    change(change, tag = null) {
        const indices = this.editor.editable;
        if (!indices.length) return;
        this.editor.edit((canvas) => {
            const changed = change(indices.map((index) => canvas.regions[index]));
            return omostCanvasEdits.replaceRegions(canvas,
                new Map(indices.map((index, position) => [index, changed[position]])));
        }, tag);
    }

    /**
     * Makes regions of the things that the request lists, or moves several selected regions to the
     * places of the template.
     *
     * @param {string} name
     */
    applyTemplate(name) {
        const {editor} = this, indices = editor.editable;
        if (indices.length > 1) {
            editor.edit((canvas) => omostTemplates.arrange(canvas, name, indices));
            return;
        }
        const before = editor.canvas?.regions.length ?? 0;
        const request = omostHostPage.requestBox(editor.tab)?.value ?? "";
        editor.edit((canvas) => omostTemplates.apply(canvas, name, request));
        editor.selectAll((editor.canvas?.regions ?? []).map((_, index) => index).slice(before));
    }

    /** @param {number} step 1 for nearer, -1 for farther. */
    moveByRank(step) {
        const indices = this.editor.editable;
        if (!indices.length) return;
        this.editor.edit((canvas) => omostCanvasEdits.moveByRank(canvas, indices, step));
    }

    /** @param {number[]} indices Regions that get a lock, which is no step of the history. */
    toggleLocked(indices) {
        const {editor} = this;
        if (!editor.canvas) return;
        editor.canvas = omostLayers.toggleLocked(editor.canvas, indices);
        editor.render();
    }
}
