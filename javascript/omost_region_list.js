// The list of regions, nearest first, with the whole picture at its end.
//
// A row can be dragged by its grip to another depth.

class OmostRegionList {
    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        this.editor = editor;
        /** @type {HTMLElement[]} */
        this.rows = [];
        /** @type {{index: number, rank: number | null, pointer: number} | null} */
        this.drag = null;
        this.element = omostCreateElement("ol", {
            class: "omost-list", "aria-label": omostTexts.format("list"),
            onpointermove: (event) => this.#continueDrag(event),
            onpointerup: (event) => this.#endDrag(event),
            onpointercancel: () => this.cancelDrag(),
        });
    }

    render() {
        const {canvas} = this.editor;
        if (this.drag) return; // the end of the drag renders the list
        if (!canvas) {
            this.element.replaceChildren();
            return;
        }
        // New rows replace the old ones; the focus must stay on its row.
        const focused = /** @type {HTMLElement | null} */ (document.activeElement);
        const name = focused && this.element.contains(focused) ? focused.dataset.name : undefined;
        const order = omostCanvasEdits.farToNear(canvas).reverse();
        this.rows = order.map((index) => this.#regionRow(canvas.regions[index], index));
        this.element.replaceChildren(...this.rows, this.#wholePictureRow(canvas));
        if (name) this.#entryOf(name)?.focus();
    }

    /**
     * @param {string} name
     * @returns {HTMLElement | null}
     */
    #entryOf(name) {
        return this.element.querySelector(`[data-name="${name}"]`);
    }

    /**
     * @param {Region} region
     * @param {number} index
     */
    #regionRow(region, index) {
        const number = index + 1;
        const grip = omostCreateElement("span", {
            class: "omost-grip", title: omostTexts.format("grip", {number}), "aria-hidden": "true",
            onpointerdown: (event) => this.#beginDrag(event, index),
        }, "⠿");
        const name = region.description.trim() || omostTexts.format("unnamed");
        const row = omostCreateElement("li", {"data-index": index},
            grip, this.#entry(`${number} ${name}`, region, index));
        const warnings = this.editor.warnings.filter((warning) => warning.region === number);
        if (warnings.length) {
            row.append(omostCreateElement("span", {
                class: "omost-flag", role: "img", "aria-label": warnings[0].message,
                title: warnings.map((warning) => warning.message).join("\n"),
            }, "⚠"));
        }
        return row;
    }

    /** @param {Canvas} canvas */
    #wholePictureRow(canvas) {
        const text = `${omostTexts.format("whole")}: ${canvas.description.trim()}`;
        return omostCreateElement("li", {class: "omost-whole"}, this.#entry(text, canvas, null));
    }

    /**
     * @param {string} text
     * @param {Region | Canvas} part
     * @param {number | null} index
     */
    #entry(text, part, index) {
        return omostCreateElement("button", {
            type: "button", class: "omost-entry", "data-name": index ?? "whole",
            "aria-pressed": String(index === this.editor.selected), title: part.description,
            onclick: () => this.editor.select(index),
        }, omostCreateElement("i", {style: `background: ${omostColors.toCss(part.color)}`}), text);
    }

    /**
     * @param {PointerEvent} event
     * @param {number} index
     */
    #beginDrag(event, index) {
        if (event.button) return;
        this.editor.select(index);
        this.element.setPointerCapture(event.pointerId);
        this.drag = {index, rank: null, pointer: event.pointerId};
        event.preventDefault();
    }

    /** @param {PointerEvent} event */
    #continueDrag(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.pointer) return;
        const others = this.rows.filter((row) => Number(row.dataset.index) !== drag.index);
        const above = others.filter((row) => {
            const {top, height} = row.getBoundingClientRect();
            return event.clientY > top + height / 2;
        }).length;
        drag.rank = others.length - above; // from far to near
        this.rows.forEach((row) => row.classList.remove("omost-before", "omost-after"));
        if (above < others.length) others[above].classList.add("omost-before");
        else others.at(-1)?.classList.add("omost-after");
    }

    /** @param {PointerEvent} event */
    #endDrag(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.pointer) return;
        this.cancelDrag();
        const {canvas} = this.editor, {index, rank} = drag;
        if (rank === null || !canvas) return;
        if (omostCanvasEdits.farToNear(canvas).indexOf(index) === rank) return;
        this.editor.edit((latest) => omostCanvasEdits.moveToRank(latest, index, rank));
    }

    cancelDrag() {
        if (!this.drag) return;
        this.drag = null;
        this.render();
    }
}
