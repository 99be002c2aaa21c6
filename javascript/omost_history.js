// The strip of saved pictures on the stand-alone page: the newest first, each with its canvas.
//
// The first click shows a picture, the second one restores its canvas and settings.

const omostHistory = (() => {
    const PATH = "/omost/history";

    /** The name of the selected picture, which the handlers of the page get. */
    let selected = "";
    /** @type {{name: string, seed: number}[]} */
    let pictures = [];

    const strip = () => omostHostPage.find("#omost_history");

    /** @param {string} action */
    const press = (action) => omostHostPage.find(`#txt2img_history_${action}`)?.click();

    /**
     * Selects and shows a picture, or restores it if it is selected.
     *
     * @param {string} name
     */
    function choose(name) {
        const action = name === selected ? "restore" : "show";
        selected = name;
        mark();
        press(action);
    }

    function mark() {
        for (const element of strip()?.querySelectorAll(".omost-history-item") ?? []) {
            const isSelected = element.getAttribute("data-name") === selected;
            element.classList.toggle("selected", isSelected);
            element.querySelector("button")?.setAttribute("aria-pressed", String(isSelected));
        }
    }

    /** @param {number} seed */
    function reuseSeed(seed) {
        const field = /** @type {HTMLInputElement | null} */ (
            omostHostPage.find("#txt2img_seed input"));
        if (!field) return;
        field.value = String(seed);
        field.dispatchEvent(new Event("input", {bubbles: true}));
        field.dispatchEvent(new Event("change", {bubbles: true}));
    }

    /** @param {{name: string, seed: number}} picture */
    function item({name, seed}) {
        const text = (/** @type {string} */ key) => omostTexts.format(key, {seed});
        const image = omostCreateElement("img", {
            src: `${PATH}/thumbnails/${name}`, alt: text("history_picture"), loading: "lazy"});
        const show = omostCreateElement("button", {
            type: "button", title: text("history_choose"), onclick: () => choose(name)}, image);
        const reuse = omostCreateElement("button", {
            type: "button", class: "omost-history-seed", title: text("history_seed"),
            onclick: () => reuseSeed(seed)}, `♻ ${seed}`);
        const download = omostCreateElement("a", {
            href: `${PATH}/pictures/${name}`, title: text("history_download"),
            "aria-label": text("history_download")}, "⬇");
        return omostCreateElement("li", {class: "omost-history-item", "data-name": name},
            show, omostCreateElement("span", {class: "omost-history-actions"}, reuse, download));
    }

    /** Reads the list of pictures again and adds new ones to the strip. */
    async function refresh() {
        const list = strip();
        if (!list) return;
        const answer = await fetch(`${PATH}/pictures`);
        if (!answer.ok) return;
        const found = /** @type {typeof pictures} */ (await answer.json());
        if (JSON.stringify(found) === JSON.stringify(pictures)) return;
        pictures = found;
        list.replaceChildren(...pictures.map(item));
        mark();
    }

    /** Shows the strip, and updates it after each picture of this page. */
    function watch() {
        const gallery = omostHostPage.find("#txt2img_gallery");
        if (!strip() || !gallery) return;
        refresh();
        new MutationObserver(refresh).observe(gallery, {
            childList: true, subtree: true, attributes: true, attributeFilter: ["src"]});
    }

    return {watch, selected: () => selected};
})();
