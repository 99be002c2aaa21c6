// Lays out the workplace of each tab: the chat, the canvas, the region list and the fields.
//
// The layout depends on the width of the workplace, which fills the window on demand.

const omostWorkplace = (() => {
    const WIDE = 1000; // pixels: the chat, the canvas and the fields stand side by side
    const MEDIUM = 540; // pixels: the fields stand beside the canvas

    /** @param {string} tab */
    const workplace = (tab) => omostHostPage.element(tab, "workplace");

    /**
     * @param {string} tab
     */
    function mount(tab) {
        const place = workplace(tab), editor = omostHostPage.element(tab, "editor");
        if (!place || !editor) return;
        stretch(place, editor);
        layOut(place, place.clientWidth);
        new ResizeObserver(([{contentRect}]) => {
            layOut(place, contentRect.width);
            omostEditors.get(tab)?.pictureArea.renderLabels();
        }).observe(place);
        place.addEventListener("keydown", (event) => {
            if (event.key === "Escape" && isFull(tab)) setFull(tab, false);
        });
    }

    /**
     * Lets gradio's wrappers of the editor grow as the workplace does.
     *
     * @param {HTMLElement} place
     * @param {HTMLElement} editor
     */
    function stretch(place, editor) {
        let wrapper = editor.parentElement;
        while (wrapper && wrapper.parentElement !== place) {
            wrapper.classList.add("omost-stretched");
            wrapper = wrapper.parentElement;
        }
    }

    /**
     * @param {HTMLElement} place
     * @param {number} width
     */
    function layOut(place, width) {
        if (!width) return; // the accordion is closed
        place.classList.toggle("omost-wide", width >= WIDE);
        place.classList.toggle("omost-medium", width >= MEDIUM && width < WIDE);
    }

    /** @param {string} tab */
    const isFull = (tab) => workplace(tab)?.classList.contains("omost-full") ?? false;

    /**
     * Fills the window with the workplace. A popover lies above all of the page, wherever its element
     * is; a browser without popovers relies on the style alone.
     *
     * @param {string} tab
     * @param {boolean} full
     */
    function setFull(tab, full) {
        const place = workplace(tab);
        if (!place || full === isFull(tab)) return;
        place.classList.toggle("omost-full", full);
        if (full) {
            place.setAttribute("popover", "manual");
            place.showPopover?.();
        } else {
            place.hidePopover?.();
            place.removeAttribute("popover");
        }
        omostEditors.get(tab)?.toolbar.render();
    }

    return {mount, isFull, setFull};
})();
