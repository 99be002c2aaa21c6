// The toolbar above the picture area, and the backdrop controls below it.

class OmostEditorToolbar {
    isComposing = false; // an answer was being written at the last rendering

    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        this.editor = editor;
        /** @type {Record<string, HTMLButtonElement>} */
        this.buttons = {
            new: this.#button("new", "+", (event) => this.#addRegion(event)),
            duplicate: this.#button("duplicate", "2×", () => editor.duplicate()),
            delete: this.#button("delete", "✕", () => editor.remove()),
            nearer: this.#button("nearer", "↑", () => editor.moveByRank(1)),
            farther: this.#button("farther", "↓", () => editor.moveByRank(-1)),
            undo: this.#button("undo", "↶", () => editor.undo()),
            redo: this.#button("redo", "↷", () => editor.redo()),
        };
        this.bar = omostCreateElement("div", {class: "omost-tools", role: "toolbar"},
            ...Object.values(this.buttons));
        /** @type {HTMLInputElement} */
        this.snap = omostCreateElement("input", {
            type: "checkbox", checked: true, onchange: () => editor.setSnap(this.snap.checked),
        });
        this.backdrop = omostCreateElement("select", {onchange: () => this.#renderBackdrop()},
            ...["colors", "picture", "none"].map((name) =>
                omostCreateElement("option", {value: name}, omostTexts.format(`backdrop_${name}`))));
        this.opacity = omostCreateElement("input", {
            type: "range", min: 0, max: 100, value: 100, oninput: () => this.#renderBackdrop(),
        });
        this.view = omostCreateElement("div", {class: "omost-view"},
            this.#labelled("snap", this.snap), this.#labelled("backdrop", this.backdrop),
            this.#labelled("opacity", this.opacity));
        this.#renderBackdrop();
    }

    /**
     * @param {string} name
     * @param {string} sign
     * @param {(event: MouseEvent) => void} onclick
     */
    #button(name, sign, onclick) {
        return omostCreateElement("button", {
            type: "button", id: `omost_${this.editor.tab}_editor_${name}`,
            title: omostTexts.format(`${name}_hint`), onclick,
        }, omostCreateElement("span", {"aria-hidden": "true"}, sign),
        omostCreateElement("span", {}, omostTexts.format(name)));
    }

    /**
     * @param {string} name
     * @param {HTMLElement} control
     */
    #labelled(name, control) {
        control.setAttribute("id", `omost_${this.editor.tab}_editor_${name}`);
        return omostCreateElement("label", {title: omostTexts.format(`${name}_hint`)},
            omostCreateElement("span", {}, omostTexts.format(name)), control);
    }

    /**
     * Lets the next drag draw a region. The keyboard cannot draw: it adds a region in the middle.
     *
     * @param {MouseEvent} event
     */
    #addRegion(event) {
        const {editor} = this;
        if (event.detail) {
            editor.setDrawing(!editor.pictureArea.isDrawing);
            return;
        }
        const third = omostServerData.units / 3;
        editor.add(omostBoxes.spanning(
            {x: third / 2, y: third / 2}, {x: 2.5 * third, y: 2.5 * third}, editor.snap));
    }

    render() {
        const {canvas, selected, history, pictureArea} = this.editor;
        const order = canvas ? omostCanvasEdits.farToNear(canvas) : [];
        const rank = selected === null ? -1 : order.indexOf(selected);
        this.isComposing = omostHostPage.isComposing(this.editor.tab);
        const isDisabled = {
            duplicate: selected === null, delete: selected === null,
            nearer: rank < 0 || rank === order.length - 1, farther: rank < 1,
            undo: this.isComposing || !history.past.length,
            redo: this.isComposing || !history.future.length,
        };
        for (const [name, disabled] of Object.entries(isDisabled)) {
            this.buttons[name].disabled = disabled;
        }
        for (const name of ["undo", "redo"]) {
            const hint = this.isComposing ? "writing" : `${name}_hint`;
            this.buttons[name].title = omostTexts.format(hint);
        }
        this.buttons.new.setAttribute("aria-pressed", String(pictureArea.isDrawing));
    }

    #renderBackdrop() {
        const {element, picture} = this.editor.pictureArea;
        element.dataset.backdrop = this.backdrop.value;
        element.style.setProperty("--opacity", String(Number(this.opacity.value) / 100));
        this.#updatePicture();
        picture.hidden = this.backdrop.value !== "picture" || !picture.src;
    }

    /** Shows the beginning or end of an answer and the last picture, which send no events. */
    update() {
        if (this.isComposing !== omostHostPage.isComposing(this.editor.tab)) this.render();
        this.#updatePicture();
    }

    #updatePicture() {
        if (this.backdrop.value !== "picture") return;
        const {picture} = this.editor.pictureArea;
        const source = omostHostPage.lastPicture(this.editor.tab);
        if (source && picture.src !== source) picture.src = source;
        picture.hidden = !picture.src;
    }
}
