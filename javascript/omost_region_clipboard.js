// Copies regions as text and pastes the regions of any text that holds a canvas.
//
// The text is the canvas's JSON, so that it can be pasted into another tab, page or file. The server
// reads a pasted text, in all formats that it knows.

class OmostRegionClipboard {
    static QUESTION = -2; // the id of a question about a pasted text

    /** @type {string | null} */
    pasted = null; // the text that the server is asked about

    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        this.editor = editor;
        editor.root.addEventListener("copy", (event) => this.#handleCopy(event));
        editor.root.addEventListener("cut", (event) => {
            if (this.#handleCopy(event)) editor.actions.remove();
        });
        editor.root.addEventListener("paste", (event) => {
            if (this.#isInField(event)) return;
            this.paste(event.clipboardData?.getData("text/plain") ?? "");
            event.preventDefault();
        });
    }

    /** @param {Event} event */
    #isInField(event) {
        const target = /** @type {HTMLElement} */ (event.target);
        return target.matches("input:not([type=checkbox], [type=range]), textarea, select");
    }

    /** The selected regions as a canvas without other content; "" if none is selected. */
    get text() {
        const {canvas, selection} = this.editor;
        if (!canvas || !selection.length) return "";
        const regions = [...selection].sort((a, b) => a - b).map((index) => canvas.regions[index]);
        return JSON.stringify({...omostCanvasEdits.emptyCanvas(), regions}, null, 2);
    }

    /** @param {ClipboardEvent} event */
    #handleCopy(event) {
        if (this.#isInField(event) || !this.text) return false;
        event.clipboardData?.setData("text/plain", this.text);
        event.preventDefault();
        this.#announceCopy();
        return true;
    }

    #announceCopy() {
        const {length: count} = this.editor.selection;
        this.editor.showMessage("copied", {count});
    }

    /** Copies the selected regions for a button. */
    async copy() {
        if (!this.text) return;
        if (await omostClipboard.copy(this.text)) this.#announceCopy();
        else this.editor.showMessage("copy_by_key");
    }

    /** Pastes for a button, which not every browser allows. */
    async pasteClipboard() {
        try {
            this.paste(await navigator.clipboard.readText());
        } catch {
            this.editor.showMessage("paste_by_key");
        }
    }

    /** @param {string} text */
    paste(text) {
        this.pasted = text;
        this.editor.requestReading(0);
    }

    /**
     * Adds the regions that the server has read from the pasted text.
     *
     * @param {Canvas | null} pasted
     */
    insert(pasted) {
        this.pasted = null;
        const {editor} = this;
        if (!pasted || (!pasted.regions.length && !pasted.description)) {
            editor.showMessage("pasted_nothing");
            return;
        }
        const before = editor.canvas?.regions.length ?? 0;
        editor.edit((canvas) => omostCanvasEdits.insertCanvas(canvas, pasted, editor.snap));
        editor.selectAll(pasted.regions.map((_, index) => before + index));
        editor.pictureArea.focus(editor.selected);
    }
}
