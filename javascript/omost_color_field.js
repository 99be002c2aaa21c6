// The colour field of the form: a name, swatches and the browser's colour picker.
//
// The swatches are the named colours. A picked colour becomes the nearest named colour.

class OmostColorField {
    /** @param {OmostRegionForm} form */
    constructor(form) {
        this.form = form;
        this.chip = omostCreateElement("i");
        this.name = omostCreateElement("span");
        this.swatches = omostColors.swatches().map(({name, color}) => omostCreateElement("button", {
            type: "button", style: `background: ${omostColors.toCss(color)}`, title: name,
            "aria-label": name, tabindex: -1, onclick: () => this.#choose(color),
        }));
        const pickHint = omostTexts.format("color_pick");
        /** @type {HTMLInputElement} */
        this.picker = omostCreateElement("input", {
            type: "color", title: pickHint, "aria-label": pickHint,
            oninput: () => this.#choose(
                omostColors.nearestNamed(omostColors.fromHex(this.picker.value))),
        });
        const label = omostTexts.format("color");
        this.element = omostCreateElement("div",
            {class: "omost-color", title: omostTexts.format("color_hint")},
            omostCreateElement("span", {}, label),
            omostCreateElement("details", {},
                omostCreateElement("summary", {}, this.chip, this.name),
                omostCreateElement("div", {
                    class: "omost-swatches", role: "group", "aria-label": label,
                    onkeydown: (event) => this.#moveFocus(event),
                }, ...this.swatches)),
            this.picker);
        form.updates.push((part) => this.#render(part.color));
    }

    /** @param {RgbColor} color */
    #choose(color) {
        this.form.edit("color", (part) => omostCanvasEdits.setColor(part, color));
    }

    /** @param {RgbColor} color */
    #render(color) {
        const name = omostColors.nameOf(color);
        this.chip.style.background = omostColors.toCss(color);
        this.name.textContent = name ?? omostColors.toHex(color);
        this.picker.value = omostColors.toHex(color);
        this.swatches.forEach((swatch, index) => {
            const isChosen = swatch.title === name;
            swatch.setAttribute("aria-pressed", String(isChosen));
            swatch.setAttribute("tabindex", isChosen || (name === null && !index) ? "0" : "-1");
        });
    }

    /** @param {KeyboardEvent} event */
    #moveFocus(event) {
        /** @type {Record<string, number>} */
        const steps = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1};
        const step = steps[event.key];
        if (!step) return;
        const {swatches} = this;
        const focused = swatches.findIndex((swatch) => swatch === document.activeElement);
        swatches[(focused + step + swatches.length) % swatches.length].focus();
        event.preventDefault();
        event.stopPropagation();
    }
}
