// The bar above the region list: copies, pastes, templates, and arranges the selected regions.

class OmostLayerBar {
    /** @type {Record<string, (boxes: Box[]) => Box[]>} */
    static ARRANGEMENTS = {
        ...Object.fromEntries(["left", "center", "right", "top", "middle", "bottom"].map((position) =>
            [`align_${position}`, (/** @type {Box[]} */ boxes) =>
                omostAlignment.align(boxes, position)])),
        distribute_x: (boxes) => omostAlignment.distribute(boxes, "x"),
        distribute_y: (boxes) => omostAlignment.distribute(boxes, "y"),
        equal_size: (boxes) => omostAlignment.equalize(boxes),
    };

    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        this.editor = editor;
        const {clipboard} = editor;
        this.copy = this.#button("copy", "copy", () => clipboard.copy());
        this.template = omostCreateElement("select", {
            "aria-label": omostTexts.format("template"), title: omostTexts.format("template_hint"),
            id: `omost_${editor.tab}_editor_template`,
            onchange: () => {
                editor.actions.applyTemplate(this.template.value);
                this.template.value = "";
            },
        }, ...["", ...omostTemplates.names].map((name) => omostCreateElement("option", {value: name},
            omostTexts.format(name ? `template_${name}` : "template"))));
        this.arrangements = Object.entries(OmostLayerBar.ARRANGEMENTS).map(([name, arrange]) =>
            this.#button(name, name, () =>
                editor.actions.change((regions) => omostBoxes.arrange(regions, arrange))));
        this.arrangement = omostCreateElement("div", {class: "omost-layer-bar"}, ...this.arrangements);
        this.element = omostCreateElement("div", {
            class: "omost-layer-bar", role: "toolbar", "aria-label": omostTexts.format("layers"),
        }, this.template, this.copy, this.#button("paste", "paste", () => clipboard.pasteClipboard()),
        this.arrangement);
    }

    /**
     * @param {string} name
     * @param {string} icon
     * @param {() => void} onclick
     */
    #button(name, icon, onclick) {
        return omostCreateElement("button", {
            type: "button", class: "omost-layer", id: `omost_${this.editor.tab}_editor_${name}`,
            "aria-label": omostTexts.format(name), title: omostTexts.format(`${name}_hint`), onclick,
        }, omostIcon(icon));
    }

    render() {
        const {selection, editable} = this.editor;
        this.copy.disabled = !selection.length;
        this.arrangement.hidden = editable.length < 2;
        const [distributeX, distributeY] = this.arrangements.slice(-3);
        for (const button of [distributeX, distributeY]) button.disabled = editable.length < 3;
    }
}
