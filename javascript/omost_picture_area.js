// Draws, moves and resizes the boxes of regions by mouse, touch and keyboard.
//
// A drag changes only the display; its end changes the canvas. A drag with Shift or Ctrl selects the
// regions that it surrounds. omost_drags.js computes the result.

/**
 * @typedef {object} Drag
 * @property {"draw" | "select" | "change"} kind Draws a region, selects the surrounded regions, or
 *     moves or resizes the selected ones.
 * @property {Point} start Where it began, in canvas units.
 * @property {number | null} index The region under the start, null for none.
 * @property {string | undefined} edges The dragged sides as letters, undefined to move the boxes.
 * @property {boolean} wasSelected The region was the only selected one before.
 * @property {number[]} selection The selection before.
 * @property {number} hold The timer of a long press, 0 for none.
 * @property {number[]} candidates The regions under the start, from near to far.
 * @property {PointerEvent} first
 * @property {PointerEvent} latest
 * @property {boolean} hasMoved The pointer has left the place of a click.
 * @property {number} frame The animation frame that is requested, 0 for none.
 * @property {DOMRect} area Where the picture area was when the drag began.
 */

class OmostPictureArea {
    static EDGES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
    /** @type {Record<string, [number, number]>} */
    static ARROWS = {
        ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
    };
    static LABEL_HEIGHT = 20; // pixels from one label to the next below it
    static CLICK_TOLERANCE = 3; // pixels that the pointer may move during a click
    static TOUCH_TOLERANCE = 8; // pixels, for a finger
    static LONG_PRESS = 500; // milliseconds until a resting finger selects a further region

    /** @type {HTMLElement[]} */
    boxes = [];
    /** @type {HTMLElement[]} */
    labels = [];
    isDrawing = false; // the next drag draws a region even over other regions
    /** @type {Drag | null} */
    drag = null;

    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        const create = omostCreateElement;
        this.editor = editor;
        this.frame = create("div", {class: "omost-frame", hidden: true},
            ...OmostPictureArea.EDGES.map((edges) => create("span", {"data-edge": edges})));
        this.band = create("div", {class: "omost-band", hidden: true});
        this.emptyHint = create("p", {class: "omost-empty"}, omostTexts.format("empty"));
        this.status = create("p", {class: "omost-place", role: "status"});
        this.element = create("div", {
            class: "omost-stage", role: "group",
            onpointerdown: (event) => this.#beginDrag(event),
            onpointermove: (event) => this.#continueDrag(event),
            onpointerup: (event) => this.#endDrag(event),
            onpointercancel: () => this.cancelDrag(),
            oncontextmenu: (event) => event.pointerType === "touch" && event.preventDefault(),
            onkeydown: (event) => this.#handleKey(event),
            onfocusin: (event) => this.#selectFocused(event),
        }, this.emptyHint, this.frame, this.band);
        this.backdrop = new OmostBackdrop(editor.tab, this.element);
        this.view = new OmostPictureView(this.element, {
            zoomed: () => this.#handleZoom(),
            scrolled: () => this.#handleScroll(),
            pinched: () => this.cancelDrag(),
        });
    }

    /** @param {[number, number]} size Width and height of the output, in any unit. */
    setAspect([width, height]) {
        this.view.element.style.setProperty("--aspect", String(width / height));
    }

    /** @param {boolean} isDrawing */
    setDrawing(isDrawing) {
        this.isDrawing = isDrawing;
        this.element.classList.toggle("omost-drawing", isDrawing);
    }

    render() {
        this.cancelDrag();
        const {canvas, selection, selected} = this.editor;
        const regions = canvas?.regions ?? [];
        const numbers = canvas ? omostLayers.numbers(canvas) : [];
        this.emptyHint.hidden = Boolean(canvas);
        this.backdrop.ground.style.background = canvas ? omostColors.toCss(canvas.color) : "";
        this.element.setAttribute("aria-label",
            omostTexts.format("stage", {count: regions.length}));
        while (this.boxes.length > regions.length) {
            this.boxes.pop()?.remove();
            this.labels.pop()?.remove();
        }
        while (this.boxes.length < regions.length) this.#addBox(this.boxes.length);
        regions.forEach((region, index) => this.#renderBox(region, index, numbers[index]));
        this.renderLabels();
        this.frame.hidden = !selection.length;
        this.frame.classList.toggle("omost-locked", !this.editor.editable.length);
        this.#placeFrame(selection.map((index) => regions[index]));
        this.#announce(selected === null ? "" : this.#describe(regions[selected]));
    }

    #handleZoom() {
        this.#handleScroll();
        this.renderLabels();
        this.editor.toolbar.render();
    }

    /** Lets a drag go on where the picture area has moved to. */
    #handleScroll() {
        if (this.drag) this.drag.area = this.element.getBoundingClientRect();
    }

    /** Places the labels anew after the picture area has changed its size. */
    renderLabels() {
        this.#placeLabels(this.editor.canvas?.regions ?? []);
    }

    /** @param {number} index */
    reveal(index) {
        if (this.boxes[index]) this.view.reveal(this.boxes[index]);
    }

    /** @param {number | null} index */
    focus(index) {
        if (index !== null) this.boxes[index]?.focus({preventScroll: true});
    }

    /** @param {Placement[]} regions The frame surrounds them. */
    #placeFrame(regions) {
        if (!regions.length) return;
        const box = omostAlignment.around(regions.map(omostBoxes.boxOf)), {units} = omostServerData;
        const sides = {n: box.top <= 0, s: box.bottom >= units, w: box.left <= 0, e: box.right >= units};
        // The handles' touch targets lie within the picture at its edge.
        this.frame.dataset.at = Object.entries(sides).flatMap(([side, isAt]) => (isAt ? side : [])).join("");
        this.#place(this.frame, box);
    }

    /** @param {Placement} region */
    #describe(region) {
        const {length: count} = this.editor.selection;
        return count > 1 ? omostTexts.format("selected", {count}) : omostBoxes.describe(region);
    }

    /** @param {number} index */
    #addBox(index) {
        const box = omostCreateElement("div", {
            class: "omost-box", role: "button", tabindex: "0", "data-index": index,
        });
        const label = omostCreateElement("span", {class: "omost-label", "aria-hidden": "true"});
        this.boxes.push(box);
        this.labels.push(label);
        this.frame.before(box, label);
    }

    /**
     * @param {Region} region
     * @param {number} index
     * @param {number} number 1 for the nearest.
     */
    #renderBox(region, index, number) {
        const box = this.boxes[index], label = this.labels[index];
        const isSelected = this.editor.selection.includes(index);
        const name = region.description.trim() || omostTexts.format("unnamed");
        const color = omostColors.toCss(region.color);
        const title = omostTexts.format("region", {number});
        box.style.zIndex = String(this.boxes.length - number + 1);
        box.style.setProperty("--color", color);
        box.setAttribute("aria-pressed", String(isSelected));
        for (const element of [box, label]) {
            element.classList.toggle("omost-unseen", Boolean(region.hidden));
            element.classList.toggle("omost-locked", omostLayers.isLocked(region));
        }
        box.setAttribute("aria-label", `${title}: ${name} ${omostBoxes.describe(region)}`);
        label.textContent = `${number} ${name}`;
        label.style.background = color;
        label.style.color = omostColors.inkOn(region.color);
        this.#place(box, omostBoxes.boxOf(region));
    }

    /**
     * @param {HTMLElement} element
     * @param {Box} box
     */
    #place(element, {left, top, right, bottom}) {
        /** @param {number} side */
        const percent = (side) => `${(side / omostServerData.units) * 100}%`;
        Object.assign(element.style, {
            left: percent(left), top: percent(top),
            width: percent(right - left), height: percent(bottom - top),
        });
    }

    /**
     * Puts each label into the top left corner of its box, or below labels that are there already.
     *
     * @param {Region[]} regions
     */
    #placeLabels(regions) {
        const {clientWidth, clientHeight} = this.element, {units} = omostServerData;
        const height = OmostPictureArea.LABEL_HEIGHT;
        /** @type {{x: number, y: number, width: number}[]} */
        const placed = [];
        regions.forEach((region, index) => {
            const {left, top, right, bottom} = omostBoxes.boxOf(region);
            const x = (left / units) * clientWidth;
            const width = ((right - left) / units) * clientWidth;
            const lowest = (bottom / units) * clientHeight - height;
            let y = (top / units) * clientHeight;
            const isCovered = () => placed.some((other) => Math.abs(other.y - y) < height
                && x < other.x + other.width && other.x < x + width);
            while (isCovered() && y + height < lowest) y += height / 2;
            placed.push({x, y, width: Math.min(width, clientWidth / 2)});
            const share = clientHeight ? y / clientHeight : top / units;
            Object.assign(this.labels[index].style, {
                left: `${(left / units) * 100}%`, top: `${share * 100}%`,
                maxWidth: `${((right - left) / units) * 100}%`,
            });
        });
    }

    /**
     * Writes the status line below the picture. Every change of it makes the hosts search the page,
     * therefore equal texts change nothing.
     *
     * @param {string} text
     */
    #announce(text) {
        if (this.status.textContent !== text) this.status.textContent = text;
    }

    /** @param {FocusEvent} event */
    #selectFocused(event) {
        const {index} = /** @type {HTMLElement} */ (event.target).dataset;
        if (index === undefined || this.drag) return;
        if (!this.editor.selection.includes(Number(index))) this.editor.select(Number(index));
    }

    /**
     * Returns the pointer's place in canvas units.
     *
     * @param {PointerEvent} event
     * @returns {Point}
     */
    #pointOf(event) {
        const {left, top, width, height} = this.drag?.area ?? this.element.getBoundingClientRect();
        const {units} = omostServerData;
        return {
            x: ((event.clientX - left) / width) * units, y: ((event.clientY - top) / height) * units,
        };
    }

    /**
     * Returns the indices of the regions at a point, from near to far.
     *
     * @param {Point} point
     */
    #regionsAt({x, y}) {
        const {canvas} = this.editor;
        if (!canvas) return [];
        return omostCanvasEdits.farToNear(canvas).reverse().filter((index) => {
            const region = canvas.regions[index];
            if (region.hidden || omostLayers.isLocked(region)) return false;
            const {left, top, right, bottom} = omostBoxes.boxOf(region);
            return left <= x && x <= right && top <= y && y <= bottom;
        });
    }

    /** @param {PointerEvent} event */
    #beginDrag(event) {
        if (event.button || this.drag) return;
        const {editor} = this, {selection} = editor;
        const {edge: edges} = /** @type {HTMLElement} */ (event.target).dataset;
        if (edges && !editor.editable.length) return;
        const start = this.#pointOf(event);
        const candidates = this.#regionsAt(start);
        const isAdding = !this.isDrawing && !edges && (event.shiftKey || event.ctrlKey || event.metaKey);
        const index = edges
            ? editor.selected : candidates.find((each) => selection.includes(each)) ?? candidates[0] ?? null;
        const kind = isAdding ? "select" : this.isDrawing || index === null ? "draw" : "change";
        // A finger on an empty place scrolls the page.
        if (kind === "draw" && event.pointerType === "touch" && !this.isDrawing) return;
        if (kind === "change" && index !== null) {
            if (!selection.includes(index)) editor.select(index);
            this.focus(index);
        }
        const drag = {
            kind, start, index, edges, candidates, selection, first: event, latest: event,
            wasSelected: selection.length === 1 && selection[0] === index,
            hasMoved: false, frame: 0, hold: 0, area: this.element.getBoundingClientRect(),
        };
        if (event.pointerType === "touch" && kind === "change" && !edges) {
            drag.hold = window.setTimeout(() => this.#endLongPress(), OmostPictureArea.LONG_PRESS);
        }
        this.drag = /** @type {Drag} */ (drag);
        this.element.setPointerCapture(event.pointerId);
        event.preventDefault();
    }

    /** Selects the region under a resting finger beside those that were selected. */
    #endLongPress() {
        const {drag} = this;
        if (!drag || drag.hasMoved || drag.index === null) return;
        this.#releasePointer();
        this.editor.selectAll(drag.selection);
        this.editor.toggleSelected(drag.index);
    }

    /** @param {PointerEvent} event */
    #continueDrag(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.first.pointerId) return;
        drag.latest = event;
        const {clientX: x, clientY: y, pointerType} = drag.first;
        drag.hasMoved ||= Math.hypot(event.clientX - x, event.clientY - y) > (pointerType === "touch"
            ? OmostPictureArea.TOUCH_TOLERANCE : OmostPictureArea.CLICK_TOLERANCE);
        if (drag.hasMoved) clearTimeout(drag.hold);
        if (drag.hasMoved && !drag.frame) {
            drag.frame = requestAnimationFrame(() => {
                drag.frame = 0;
                if (this.drag === drag) this.#renderDrag(drag);
            });
        }
    }

    /** @param {Drag} drag */
    #renderDrag(drag) {
        const end = this.#pointOf(drag.latest);
        if (drag.kind === "select") {
            this.band.hidden = false;
            this.#place(this.band, omostDrags.spannedBox(drag.start, end));
            return;
        }
        this.frame.hidden = false;
        if (drag.kind === "draw") {
            const placement = omostBoxes.spanning(drag.start, end, this.editor.snap);
            this.#placeFrame([placement]);
            this.#announce(omostBoxes.describe(placement));
            return;
        }
        const changed = omostDrags.changedRegions(this.editor, drag, end);
        this.#placeFrame([...changed.values()]);
        for (const [index, region] of changed) {
            const isCopied = omostDrags.isCopy(drag);
            const {canvas} = this.editor;
            const shown = isCopied && canvas ? canvas.regions[index] : region;
            this.#place(this.boxes[index], omostBoxes.boxOf(shown));
            this.#announce(this.#describe(region));
        }
    }

    /** @param {PointerEvent} event */
    #endDrag(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.first.pointerId) return;
        drag.latest = event;
        const end = this.#pointOf(event);
        this.#releasePointer();
        if (drag.hasMoved) this.#applyDrag(drag, end);
        else this.#applyClick(drag);
        this.editor.setDrawing(false);
    }

    /**
     * @param {Drag} drag
     * @param {Point} end
     */
    #applyDrag(drag, end) {
        const {editor} = this;
        if (drag.kind === "draw") {
            editor.add(omostBoxes.spanning(drag.start, end, editor.snap));
        } else if (drag.kind === "select") {
            editor.selectAll(omostDrags.surrounded(editor, drag, end));
        } else {
            const changed = omostDrags.changedRegions(editor, drag, end);
            if (omostDrags.isCopy(drag)) editor.actions.insertCopies(changed);
            else editor.edit((canvas) => omostCanvasEdits.replaceRegions(canvas, changed));
            this.focus(editor.selected);
        }
    }

    /** @param {Drag} drag */
    #applyClick({kind, index, edges, wasSelected, candidates}) {
        if (kind === "select") {
            if (index !== null) this.editor.toggleSelected(index);
        } else if (index === null) this.editor.select(null);
        else if (wasSelected && !edges) this.#selectBeneath(candidates, index);
        else if (!edges) this.editor.select(index);
    }

    /**
     * Selects the next region beneath a selected one that was clicked.
     *
     * @param {number[]} candidates
     * @param {number} index
     */
    #selectBeneath(candidates, index) {
        const next = candidates[(candidates.indexOf(index) + 1) % candidates.length];
        this.editor.select(next);
        this.focus(next);
    }

    #releasePointer() {
        const {drag} = this;
        this.drag = null;
        this.band.hidden = true;
        if (!drag) return;
        cancelAnimationFrame(drag.frame);
        clearTimeout(drag.hold);
        const {pointerId} = drag.first;
        if (this.element.hasPointerCapture(pointerId)) {
            this.element.releasePointerCapture(pointerId);
        }
    }

    cancelDrag() {
        if (!this.drag) return;
        this.#releasePointer();
        this.render();
    }

    /** @param {KeyboardEvent} event */
    #handleKey(event) {
        const {editor} = this;
        const arrow = OmostPictureArea.ARROWS[event.key];
        const isBox = /** @type {HTMLElement} */ (event.target).dataset.index !== undefined;
        if (event.key === "Escape" && (this.drag || this.isDrawing)) {
            this.cancelDrag();
            editor.setDrawing(false);
        } else if (arrow && isBox && editor.editable.length && !event.ctrlKey && !event.altKey) {
            const [dx, dy] = arrow;
            const change = event.shiftKey ? omostBoxes.resizeByKey : omostBoxes.moveByKey;
            editor.actions.change((regions) => change(regions, dx, dy, editor.snap), "arrows");
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
    }
}
