// Zooms and pans the picture area inside a viewport.
//
// The viewport scrolls natively, therefore trackpads, fingers and scroll bars pan it as any page.

class OmostPictureView {
    static MOST = 8; // times the size that fits into the viewport
    static STEP = 1.25; // of the buttons and keys
    static WHEEL_SPEED = 0.01; // of a pinch on a trackpad, per pixel
    static WHEEL_LIMIT = 25; // pixels that one event may count; a mouse wheel sends about 100

    zoom = 1;
    isSpaceHeld = false;
    /** @type {PointerEvent | null} */
    panned = null; // the latest event of a drag that pans
    /** @type {{distance: number, center: Point} | null} */
    pinch = null; // the two fingers at the latest event

    /**
     * @param {HTMLElement} stage The picture area.
     * @param {{zoomed: () => void, scrolled: () => void, pinched: () => void}} listeners
     */
    constructor(stage, listeners) {
        this.stage = stage;
        this.listeners = listeners;
        this.element = omostCreateElement("div", {
            class: "omost-viewport",
            onscroll: () => listeners.scrolled(),
            // Otherwise the middle button scrolls by itself.
            onmousedown: (event) => event.button === 1 && event.preventDefault(),
            onpointermove: (event) => this.#continuePan(event),
            onpointerup: (event) => this.#endPan(event),
            onpointercancel: (event) => this.#endPan(event),
            ontouchend: () => { this.pinch = null; },
            ontouchcancel: () => { this.pinch = null; },
        }, stage);
        const active = {passive: false};
        this.element.addEventListener("pointerdown", (event) => this.#beginPan(event), true);
        this.element.addEventListener("wheel", (event) => this.#handleWheel(event), active);
        this.element.addEventListener("touchstart", (event) => this.#beginPinch(event), active);
        this.element.addEventListener("touchmove", (event) => this.#continuePinch(event), active);
        document.addEventListener("keydown", (event) => this.#handleSpace(event));
        document.addEventListener("keyup", (event) => this.#handleSpace(event));
        window.addEventListener("blur", () => this.#holdSpace(false));
    }

    /**
     * Zooms so that a point of the window stays where it is.
     *
     * @param {number} zoom 1 fits the picture into the viewport.
     * @param {Point} point The viewport's middle by default.
     */
    setZoom(zoom, point = this.#middle()) {
        const next = Math.min(Math.max(zoom, 1), OmostPictureView.MOST);
        if (next === this.zoom) return;
        const before = this.stage.getBoundingClientRect();
        const x = (point.x - before.left) / before.width;
        const y = (point.y - before.top) / before.height;
        this.zoom = next;
        this.stage.style.setProperty("--zoom", String(next));
        this.element.classList.toggle("omost-zoomed", next > 1);
        const after = this.stage.getBoundingClientRect();
        this.#scrollBy(after.left + x * after.width - point.x,
            after.top + y * after.height - point.y);
        this.listeners.zoomed();
    }

    /** @param {number} direction 1 to zoom in, -1 to zoom out. */
    step(direction) {
        this.setZoom(this.zoom * OmostPictureView.STEP ** direction);
    }

    /**
     * Scrolls to a box of the picture area that is out of sight.
     *
     * @param {HTMLElement} box
     */
    reveal(box) {
        if (this.zoom === 1) return;
        const view = this.element.getBoundingClientRect(), {left, top, right, bottom} =
            box.getBoundingClientRect();
        if (left < view.right && right > view.left && top < view.bottom && bottom > view.top) return;
        const {x, y} = this.#middle();
        this.#scrollBy((left + right) / 2 - x, (top + bottom) / 2 - y);
    }

    /** @returns {Point} */
    #middle() {
        const {left, top, width, height} = this.element.getBoundingClientRect();
        return {x: left + width / 2, y: top + height / 2};
    }

    /**
     * @param {number} x
     * @param {number} y
     */
    #scrollBy(x, y) {
        this.element.scrollBy({left: x, top: y, behavior: "instant"});
    }

    /** @param {WheelEvent} event A pinch on a trackpad is a wheel with the Ctrl key. */
    #handleWheel(event) {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const limit = OmostPictureView.WHEEL_LIMIT;
        const delta = Math.min(Math.max(event.deltaY, -limit), limit);
        this.setZoom(this.zoom * Math.exp(-delta * OmostPictureView.WHEEL_SPEED),
            {x: event.clientX, y: event.clientY});
    }

    /** @param {KeyboardEvent} event */
    #handleSpace(event) {
        if (event.key !== " ") return;
        const isUp = event.type === "keyup";
        if (isUp && !this.isSpaceHeld) return;
        const isText = /** @type {HTMLElement} */ (event.target).matches(
            "input:not([type=checkbox], [type=range]), textarea, select");
        if (!isUp && (isText || !this.element.matches(":hover"))) return;
        event.preventDefault(); // the page must not scroll, and no button is pressed
        this.#holdSpace(!isUp);
    }

    /** @param {boolean} isHeld */
    #holdSpace(isHeld) {
        this.isSpaceHeld = isHeld;
        this.element.classList.toggle("omost-pannable", isHeld);
    }

    /** @param {PointerEvent} event */
    #beginPan(event) {
        if (event.button !== 1 && !(event.button === 0 && this.isSpaceHeld)) return;
        this.panned = event;
        this.element.setPointerCapture(event.pointerId);
        event.stopPropagation();
    }

    /** @param {PointerEvent} event */
    #continuePan(event) {
        if (event.pointerId !== this.panned?.pointerId) return;
        this.#scrollBy(this.panned.clientX - event.clientX, this.panned.clientY - event.clientY);
        this.panned = event;
    }

    /** @param {PointerEvent} event */
    #endPan(event) {
        if (event.pointerId === this.panned?.pointerId) this.panned = null;
    }

    /**
     * @param {TouchEvent} event
     * @returns {{distance: number, center: Point}}
     */
    #fingers({touches: [a, b]}) {
        return {
            distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
            center: {x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2},
        };
    }

    /** @param {TouchEvent} event */
    #beginPinch(event) {
        if (event.touches.length !== 2) return;
        event.preventDefault();
        this.pinch = this.#fingers(event);
        this.listeners.pinched();
    }

    /** @param {TouchEvent} event */
    #continuePinch(event) {
        const {pinch} = this;
        if (!pinch || event.touches.length !== 2) return;
        event.preventDefault();
        this.pinch = this.#fingers(event);
        const {distance, center} = this.pinch;
        this.#scrollBy(pinch.center.x - center.x, pinch.center.y - center.y);
        this.setZoom((this.zoom * distance) / pinch.distance, center);
    }
}
