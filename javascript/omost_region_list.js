// The list of regions, nearest first, with the whole picture at its end.
//
// A row can be dragged by its grip to another depth, and has buttons that hide, isolate and lock it.

class OmostRegionList {
    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        this.editor = editor;
        /** @type {HTMLElement[]} */
        this.rows = [];
        /** @type {Map<string, {key: string, row: HTMLElement}>} */
        this.known = new Map();
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
        const numbers = omostLayers.numbers(canvas);
        const order = omostCanvasEdits.farToNear(canvas).reverse();
        this.rows = order.map((index) => this.#regionRow(canvas, index, numbers[index]));
        this.#place([...this.rows, this.#wholePictureRow(canvas)]);
    }

    /**
     * Shows rows. Those that are at their places stay there, which spares their layout.
     *
     * @param {HTMLElement[]} rows
     */
    #place(rows) {
        const {children} = this.element;
        // A row that is moved or replaced loses the focus.
        const focused = /** @type {HTMLElement | null} */ (document.activeElement);
        const name = focused && this.element.contains(focused) ? focused.dataset.name : undefined;
        rows.forEach((row, place) => {
            if (children[place] !== row) this.element.insertBefore(row, children[place] ?? null);
        });
        while (children.length > rows.length) this.element.lastChild?.remove();
        if (name && !this.element.contains(document.activeElement)) this.#entryOf(name)?.focus();
    }

    /**
     * Returns the row that shows something; creates it only if it has not been shown before, because
     * most changes concern one of many rows.
     *
     * @param {string} name
     * @param {object} content Identifies the row's look.
     * @param {() => HTMLElement} create
     */
    #row(name, content, create) {
        const key = JSON.stringify(content);
        const known = this.known.get(name);
        if (known?.key === key) return known.row;
        const row = create();
        this.known.set(name, {key, row});
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
        const warnings = this.editor.warnings.filter((warning) => warning.region === index + 1)
            .map(({message}) => message);
        const state = {
            isHidden: Boolean(region.hidden), isLocked: omostLayers.isLocked(region),
            isAlone: omostLayers.areAlone(canvas, [index]),
        };
        const {description, color} = region, isSelected = this.#isSelected(index);
        return this.#row(String(index), {number, description, color, warnings, state, isSelected}, () => {
            const name = description.trim() || omostTexts.format("unnamed");
            return omostCreateElement("li", {
                "data-index": index, class: state.isHidden ? "omost-unseen" : "",
            }, this.#grip(index, number), this.#entry(`${number} ${name}`, region, index),
            ...this.#flag(warnings), ...this.#layerButtons(index, state));
        });
    }

    /**
     * @param {number} index
     * @param {number} number
     */
    #grip(index, number) {
        return omostCreateElement("span", {
            class: "omost-grip", title: omostTexts.format("grip", {number}), "aria-hidden": "true",
            onpointerdown: (event) => this.#beginDrag(event, index),
        }, "⠿");
    }

    /** @param {string[]} warnings */
    #flag(warnings) {
        return warnings.length ? [omostCreateElement("span", {
            class: "omost-flag", role: "img", "aria-label": warnings[0], title: warnings.join("\n"),
        }, "⚠")] : [];
    }

    /**
     * Returns the buttons of a region. They act on all selected regions if it is one of them.
     *
     * @param {number} index
     * @param {{isHidden: boolean, isLocked: boolean, isAlone: boolean}} state
     */
    #layerButtons(index, {isHidden, isLocked, isAlone}) {
        const {editor} = this;
        const indices = () => (editor.selection.includes(index) ? editor.selection : [index]);
        return [
            this.#layerButton(`alone ${index}`, "alone", isAlone, "alone", () =>
                editor.edit((canvas) => omostLayers.toggleAlone(canvas, indices()))),
            this.#layerButton(`hide ${index}`, "hide", isHidden, isHidden ? "eye_closed" : "eye", () =>
                editor.edit((canvas) => omostLayers.toggleHidden(canvas, indices()))),
            this.#layerButton(`lock ${index}`, "lock", isLocked, isLocked ? "lock" : "lock_open",
                () => editor.actions.toggleLocked(indices())),
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
        const {color} = canvas, isSelected = this.#isSelected(null);
        return this.#row("whole", {text, color, isSelected}, () =>
            omostCreateElement("li", {class: "omost-whole"}, this.#entry(text, canvas, null)));
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
        this.#clearMarks();
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

    /** Removes the mark of the row's next place. */
    #clearMarks() {
        this.rows.forEach((row) => row.classList.remove("omost-before", "omost-after"));
    }

    cancelDrag() {
        if (!this.drag) return;
        this.drag = null;
        this.#clearMarks();
        this.render();
    }
}
