// Shows tooltips on touch screens: a control that is held for a moment shows its hint.

const omostTouchHints = (() => {
    const HOLD = 500; // milliseconds that a finger rests on a control
    const SHOWN = 8000; // milliseconds that the hint stays
    const TOLERANCE = 10; // pixels that a resting finger may move
    const MARGIN = 8; // pixels between the hint and the edges of the window

    /** @type {HTMLElement | null} */
    let hint = null;
    /** @type {{control: HTMLElement, x: number, y: number, timer: number} | null} */
    let held = null;
    let hiding = 0;
    let hasShown = false; // the finger that shows a hint is still down

    /** @param {PointerEvent} event */
    function begin(event) {
        hide();
        hasShown = false;
        const target = /** @type {HTMLElement} */ (event.target);
        const control = /** @type {HTMLElement | null} */ (target.closest("[title]"));
        if (event.pointerType === "mouse" || !control?.title) return;
        const {clientX: x, clientY: y} = event;
        held = {control, x, y, timer: window.setTimeout(() => show(control), HOLD)};
    }

    function release() {
        if (held) clearTimeout(held.timer);
        held = null;
    }

    /** @param {PointerEvent} event */
    function follow({clientX, clientY}) {
        if (held && Math.hypot(clientX - held.x, clientY - held.y) > TOLERANCE) release();
    }

    /** @param {HTMLElement} control */
    function show(control) {
        release();
        hasShown = true;
        hint ??= omostCreateElement("div", {class: "omost-hint", role: "status"});
        // In a workplace that fills the window, only its own elements are visible.
        (control.closest(".omost-workplace") ?? control.parentElement)?.append(hint);
        hint.textContent = control.title;
        hint.hidden = false;
        const {left, top, bottom} = control.getBoundingClientRect();
        const {offsetWidth: width, offsetHeight: height} = hint;
        const isBelow = bottom + height + MARGIN < window.innerHeight;
        const x = Math.max(MARGIN, Math.min(left, window.innerWidth - width - MARGIN));
        const y = isBelow ? bottom + MARGIN / 2 : Math.max(MARGIN, top - height - MARGIN / 2);
        Object.assign(hint.style, {left: `${x}px`, top: `${y}px`});
        hiding = window.setTimeout(hide, SHOWN);
    }

    function hide() {
        clearTimeout(hiding);
        release();
        if (hint) hint.hidden = true;
    }

    /** @param {Event} event A held control neither acts nor opens the browser's menu. */
    function suppress(event) {
        if (!hasShown) return;
        if (event.type === "click") hasShown = false;
        event.preventDefault();
        event.stopPropagation();
    }

    /** @param {HTMLElement | null} root The accordion. */
    function listen(root) {
        root?.addEventListener("pointerdown", begin, true);
        root?.addEventListener("pointermove", follow, true);
        for (const name of ["pointerup", "pointercancel"]) root?.addEventListener(name, release, true);
        for (const name of ["click", "contextmenu"]) root?.addEventListener(name, suppress, true);
    }

    return {listen};
})();
