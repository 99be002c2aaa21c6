// Draws, moves and resizes the boxes of regions by mouse, touch and keyboard.
//
// A drag changes only the display; its end changes the canvas.

/**
 * @typedef {object} Drag
 * @property {Point} start Where it began, in canvas units.
 * @property {number | null} index The dragged region, null to draw a new one.
 * @property {string | undefined} edges The dragged sides as letters, undefined to move the box.
 * @property {boolean} wasSelected The region was selected before.
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
        this.emptyHint = create("p", {class: "omost-empty"}, omostTexts.format("empty"));
        this.status = create("p", {class: "omost-place", role: "status"});
        this.element = create("div", {
            class: "omost-stage", role: "group",
            onpointerdown: (event) => this.#beginDrag(event),
            onpointermove: (event) => this.#continueDrag(event),
            onpointerup: (event) => this.#endDrag(event),
            onpointercancel: () => this.cancelDrag(),
            onkeydown: (event) => this.#handleKey(event),
            onfocusin: (event) => this.#selectFocused(event),
        }, this.emptyHint, this.frame);
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
        const {canvas, selected} = this.editor;
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
        const region = selected === null ? null : regions[selected];
        this.frame.hidden = !region;
        this.frame.classList.toggle("omost-locked", !this.editor.editable.length);
        if (region) this.#place(this.frame, omostBoxes.boxOf(region));
        this.#announce(region ? omostBoxes.describe(region) : "");
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
        if (index !== undefined && !this.drag) this.editor.select(Number(index));
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
        const {edge: edges} = /** @type {HTMLElement} */ (event.target).dataset;
        const start = this.#pointOf(event);
        const candidates = this.#regionsAt(start);
        const {selected} = this.editor;
        if (edges && !this.editor.editable.length) return;
        const staysSelected = edges || (selected !== null && candidates.includes(selected));
        let index = staysSelected ? selected : candidates[0] ?? null;
        if (this.isDrawing) index = null;
        // A finger on an empty place scrolls the page.
        if (index === null && event.pointerType === "touch" && !this.isDrawing) return;
        const wasSelected = index === selected && index !== null;
        if (index !== null) {
            this.editor.select(index);
            this.focus(index);
        }
        this.drag = {
            start, index, edges, wasSelected, candidates, first: event, latest: event,
            hasMoved: false, frame: 0, area: this.element.getBoundingClientRect(),
        };
        this.element.setPointerCapture(event.pointerId);
        event.preventDefault();
    }

    /** @param {PointerEvent} event */
    #continueDrag(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.first.pointerId) return;
        drag.latest = event;
        const {clientX: x, clientY: y} = drag.first;
        drag.hasMoved ||= Math.hypot(event.clientX - x, event.clientY - y)
            > OmostPictureArea.CLICK_TOLERANCE;
        if (drag.hasMoved && !drag.frame) {
            drag.frame = requestAnimationFrame(() => {
                drag.frame = 0;
                if (this.drag === drag) this.#renderDrag(drag);
            });
        }
    }

    /**
     * Returns the region as the drag has changed it so far, or the place of a region that is drawn.
     *
     * @param {Drag} drag
     * @returns {Region | Placement}
     */
    #draggedRegion(drag) {
        const {canvas, snap} = this.editor;
        const point = this.#pointOf(drag.latest);
        const dx = point.x - drag.start.x, dy = point.y - drag.start.y;
        if (drag.index === null || !canvas) return omostBoxes.spanning(drag.start, point, snap);
        const region = canvas.regions[drag.index];
        return drag.edges
            ? omostBoxes.resize(region, drag.edges, dx, dy, snap)
            : omostBoxes.move(region, dx, dy, snap);
    }

    /** @param {Drag} drag */
    #renderDrag(drag) {
        const region = this.#draggedRegion(drag);
        const box = omostBoxes.boxOf(region);
        this.frame.hidden = false;
        this.#place(this.frame, box);
        if (drag.index !== null) this.#place(this.boxes[drag.index], box);
        this.#announce(omostBoxes.describe(region));
    }

    /** @param {PointerEvent} event */
    #endDrag(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.first.pointerId) return;
        drag.latest = event;
        const {index} = drag;
        const region = drag.hasMoved ? this.#draggedRegion(drag) : null;
        this.#releasePointer();
        if (region && index === null) this.editor.add(region);
        else if (region && index !== null) {
            const dragged = /** @type {Region} */ (region);
            this.editor.edit((canvas) => omostCanvasEdits.replaceRegion(canvas, index, dragged));
            this.focus(index);
        } else if (index === null) this.editor.select(null);
        else if (drag.wasSelected && !drag.edges) this.#selectBeneath(drag.candidates, index);
        this.editor.setDrawing(false);
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
        if (!drag) return;
        cancelAnimationFrame(drag.frame);
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
        const index = isBox ? editor.editable.at(-1) ?? null : null;
        if (event.key === "Escape" && (this.drag || this.isDrawing)) {
            this.cancelDrag();
            editor.setDrawing(false);
        } else if (arrow && index !== null && !event.ctrlKey && !event.altKey) {
            const [dx, dy] = arrow;
            const change = event.shiftKey ? omostBoxes.resizeByKey : omostBoxes.moveByKey;
            editor.edit((canvas) => omostCanvasEdits.replaceRegion(
                canvas, index, change(canvas.regions[index], dx, dy, editor.snap)), "arrows");
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
    }
}
