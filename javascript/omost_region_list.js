// The list of regions, nearest first, with the whole picture at its end.
//
// A row can be dragged by its grip to another depth, and has buttons that hide, isolate and lock it.

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
        // New rows replace those that changed; the focus must stay on its row.
        const focused = /** @type {HTMLElement | null} */ (document.activeElement);
        const name = focused && this.element.contains(focused) ? focused.dataset.name : undefined;
        const order = omostCanvasEdits.farToNear(canvas).reverse();
        const numbers = omostLayers.numbers(canvas);
        this.rows = order.map((index, place) =>
            this.#placeRow(place, this.#regionRow(canvas, index, numbers[index])));
        this.#placeRow(order.length, this.#wholePictureRow(canvas));
        while (this.element.children.length > order.length + 1) this.element.lastChild?.remove();
        if (name && !this.element.contains(document.activeElement)) this.#entryOf(name)?.focus();
    }

    /**
     * Puts a row into a place of the list; an equal row stays there, which spares its layout.
     *
     * @param {number} place
     * @param {HTMLElement} row
     * @returns {HTMLElement} The row in the list.
     */
    #placeRow(place, row) {
        const present = /** @type {HTMLElement | undefined} */ (this.element.children[place]);
        if (present?.isEqualNode(row)) return present;
        if (present) present.replaceWith(row);
        else this.element.append(row);
        return row;
    }

    /**
     * @param {string} name
     * @returns {HTMLElement | null}
     */
    #entryOf(name) {
        return this.element.querySelector(`[data-name="${name}"]`);
    }

    /**
     * @param {Canvas} canvas
     * @param {number} index
     * @param {number} number
     */
    #regionRow(canvas, index, number) {
        const region = canvas.regions[index];
        const grip = omostCreateElement("span", {
            class: "omost-grip", title: omostTexts.format("grip", {number}), "aria-hidden": "true",
            onpointerdown: (event) => this.#beginDrag(event, index),
        }, "⠿");
        const name = region.description.trim() || omostTexts.format("unnamed");
        const row = omostCreateElement("li", {
            "data-index": index, class: region.hidden ? "omost-unseen" : "",
        }, grip, this.#entry(`${number} ${name}`, region, index), ...this.#layerButtons(canvas, index));
        const warnings = this.editor.warnings.filter((warning) => warning.region === index + 1);
        if (warnings.length) {
            row.insertBefore(omostCreateElement("span", {
                class: "omost-flag", role: "img", "aria-label": warnings[0].message,
                title: warnings.map((warning) => warning.message).join("\n"),
            }, "⚠"), row.children[2]);
        }
        return row;
    }

    /**
     * Returns the buttons of a region. They act on all selected regions if it is one of them.
     *
     * @param {Canvas} canvas
     * @param {number} index
     */
    #layerButtons(canvas, index) {
        const {editor} = this, {hidden} = canvas.regions[index];
        const isLocked = omostLayers.isLocked(canvas.regions[index]);
        const isAlone = omostLayers.areAlone(canvas, [index]);
        const indices = () => (editor.selection.includes(index) ? editor.selection : [index]);
        return [
            this.#layerButton(`alone ${index}`, "alone", isAlone, "alone", () =>
                editor.edit((latest) => omostLayers.toggleAlone(latest, indices()))),
            this.#layerButton(`hide ${index}`, "hide", Boolean(hidden), hidden ? "eye_closed" : "eye",
                () => editor.edit((latest) => omostLayers.toggleHidden(latest, indices()))),
            this.#layerButton(`lock ${index}`, "lock", isLocked, isLocked ? "lock" : "lock_open",
                () => editor.toggleLocked(indices())),
        ];
    }

    /**
     * @param {string} name Identifies the button within the list.
     * @param {string} text
     * @param {boolean} isPressed
     * @param {string} icon
     * @param {() => void} onclick
     */
    #layerButton(name, text, isPressed, icon, onclick) {
        return omostCreateElement("button", {
            type: "button", class: "omost-layer", "data-name": name, onclick,
            "aria-pressed": String(isPressed), "aria-label": omostTexts.format(text),
            title: omostTexts.format(`${text}_hint`),
        }, omostIcon(icon));
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
            "aria-pressed": String(this.#isSelected(index)), title: part.description,
            onclick: (event) => this.#select(index, event),
        }, omostCreateElement("i", {style: `background: ${omostColors.toCss(part.color)}`}), text);
    }

    /** @param {number | null} index */
    #isSelected(index) {
        const {selection} = this.editor;
        return index === null ? !selection.length : selection.includes(index);
    }

    /**
     * Selects an entry; with Shift or Ctrl beside those that are selected.
     *
     * @param {number | null} index
     * @param {MouseEvent} event
     */
    #select(index, event) {
        const isAdded = event.shiftKey || event.ctrlKey || event.metaKey;
        if (isAdded && index !== null) this.editor.toggleSelected(index);
        else this.editor.select(index);
    }

    /**
     * @param {PointerEvent} event
     * @param {number} index
     */
    #beginDrag(event, index) {
        if (event.button) return;
        this.editor.select(index);
        if (!this.editor.editable.length) return;
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
