// The toolbar above the picture area, and the controls of its view below it.

class OmostEditorToolbar {
    isComposing = false; // an answer was being written at the last rendering
    obstacle = ""; // to regenerating a region, at the last rendering

    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        this.editor = editor;
        /** @type {Record<string, HTMLButtonElement>} */
        this.buttons = {
            new: this.#button("new", "+", (event) => this.#addRegion(event)),
            duplicate: this.#button("duplicate", "2×", () => editor.actions.duplicate()),
            delete: this.#button("delete", "✕", () => editor.actions.remove()),
            nearer: this.#button("nearer", "↑", () => editor.actions.moveByRank(1)),
            farther: this.#button("farther", "↓", () => editor.actions.moveByRank(-1)),
            undo: this.#button("undo", "↶", () => editor.undo()),
            redo: this.#button("redo", "↷", () => editor.redo()),
        };
        const {view, backdrop} = editor.pictureArea;
        /** @type {Record<string, HTMLButtonElement>} */
        this.viewButtons = {
            zoom_out: this.#button("zoom_out", "−", () => view.step(-1)),
            fit: this.#button("fit", "", () => view.setZoom(1)),
            zoom_in: this.#button("zoom_in", "+", () => view.step(1)),
            full: this.#button("full", "⤢", () =>
                omostWorkplace.setFull(editor.tab, !omostWorkplace.isFull(editor.tab))),
            advanced: this.#button("advanced", "⚙", () =>
                omostAdvanced.set(!omostAdvanced.isOn())),
            help: this.#button("help", "?", () => omostHelp.open(editor.root)),
        };
        this.bar = omostCreateElement("div", {class: "omost-tools", role: "toolbar"},
            ...Object.values(this.buttons), omostCreateElement("span", {class: "omost-space"}),
            ...Object.values(this.viewButtons));
        /** @type {HTMLInputElement} */
        this.snap = omostCreateElement("input", {
            type: "checkbox", checked: true, onchange: () => editor.setSnap(this.snap.checked),
        });
        this.regenerate = this.#button("regenerate_region", "⟳", () =>
            omostRegeneration.start(editor));
        this.view = omostCreateElement("div", {class: "omost-view"},
            this.regenerate,
            this.#labelled("snap", this.snap, "omost-advanced"),
            this.#labelled("backdrop", backdrop.choice),
            this.#labelled("opacity", backdrop.opacity));
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
     * @param {string} kind The label's class.
     */
    #labelled(name, control, kind = "") {
        control.setAttribute("id", `omost_${this.editor.tab}_editor_${name}`);
        return omostCreateElement("label", {class: kind, title: omostTexts.format(`${name}_hint`)},
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
        this.#renderView();
        this.obstacle = omostRegeneration.obstacle(this.editor);
        this.regenerate.disabled = this.obstacle !== "";
        this.regenerate.title = omostTexts.format(this.obstacle || "regenerate_region_hint");
    }

    #renderView() {
        const {tab, pictureArea: {view}} = this.editor;
        const {zoom_out: out, fit, zoom_in: into, full, advanced} = this.viewButtons;
        out.disabled = view.zoom === 1;
        into.disabled = view.zoom === OmostPictureView.MOST;
        const zoom = `${Math.round(100 * view.zoom)} %`, sign = fit.firstElementChild;
        if (sign && sign.textContent !== zoom) sign.textContent = zoom;
        full.setAttribute("aria-pressed", String(omostWorkplace.isFull(tab)));
        advanced.setAttribute("aria-pressed", String(omostAdvanced.isOn()));
    }

    /** Shows the beginning or end of an answer or a job, which send no events. */
    update() {
        const isSame = this.isComposing === omostHostPage.isComposing(this.editor.tab)
            && this.obstacle === omostRegeneration.obstacle(this.editor);
        if (!isSame) this.render();
    }
}
