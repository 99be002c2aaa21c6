// The form that edits the selected region or the whole picture.
//
// Each keystroke edits the canvas. The form is built anew only when it has to show other fields.

/**
 * @typedef {Region & Canvas} Part The selected region or the whole picture; a field reads only what
 *     its part has.
 * @typedef {(part: any) => any} PartEdit Returns a changed copy of a part.
 *
 * @typedef {object} Bag
 * @property {number} tokens
 * @property {string[]} texts
 *
 * @typedef {object} TokenCounts The reply of lib_omost/ui/editor_tokens.py.
 * @property {number} id The version of the text that was counted.
 * @property {number} [most] Tokens that fit into a bag.
 * @property {{fields: Record<string, number | number[]>, bags: Bag[]}[]} [parts] The whole picture,
 *     then the regions in the order of the code.
 * @property {string} [problem] Why the texts cannot be encoded, "" if they can.
 */

class OmostRegionForm {
    static PICTURE_FIELDS = ["description", "detailed_descriptions", "tags", "color"];
    static REGION_FIELDS = ["place", "description", "detailed_descriptions", "tags", "atmosphere",
        "style", "quality_meta", "distance_to_viewer", "color"];
    static SIDES = ["left", "top", "width", "height"];

    /** @param {OmostRegionEditor} editor */
    constructor(editor) {
        this.editor = editor;
        /** @type {string | null} */
        this.shownFields = null; // identifies the fields that the form has
        /** @type {((part: any) => void)[]} */
        this.updates = []; // each writes the part's value into a field
        /** @type {Map<string, HTMLOutputElement>} */
        this.tokenOutputs = new Map(); // by the field's name
        this.bags = omostCreateElement("details");
        this.title = omostCreateElement("h4");
        this.element = omostCreateElement("fieldset", {
            class: "omost-fields", onchange: () => editor.history.endStep(),
        });
    }

    /** @returns {any} The selected region or the whole picture. */
    get part() {
        const {canvas, selected} = this.editor;
        return selected === null ? canvas : canvas?.regions[selected];
    }

    render() {
        const {canvas, selected, snap} = this.editor;
        if (!canvas) {
            this.shownFields = null;
            this.element.replaceChildren();
            return;
        }
        const {part} = this;
        const hasNames = selected !== null && !omostBoxes.isFree(part) && snap;
        const fields = `${selected} ${hasNames} ${part.detailed_descriptions.length}`;
        if (fields !== this.shownFields) this.#build(hasNames);
        this.shownFields = fields;
        this.#renderTitle(canvas);
        this.element.disabled = selected !== null && omostLayers.isLocked(part);
        this.updates.forEach((update) => update(part));
        this.renderTokens();
    }

    /** @param {boolean} hasNames The form offers names of places instead of numbers. */
    #build(hasNames) {
        const {selected} = this.editor;
        this.updates = [];
        this.tokenOutputs.clear();
        this.bags = omostCreateElement("details",
            {class: "omost-bags", title: omostTexts.format("bags_hint")});
        const names = selected === null
            ? OmostRegionForm.PICTURE_FIELDS : OmostRegionForm.REGION_FIELDS;
        this.element.replaceChildren(this.title,
            ...names.map((name) => this.#field(name, hasNames)), this.bags);
    }

    /** @param {Canvas} canvas */
    #renderTitle(canvas) {
        const {selected, selection} = this.editor;
        const number = selected === null ? 0 : omostLayers.numbers(canvas)[selected];
        const title = selected === null
            ? omostTexts.format("whole") : omostTexts.format("region", {number});
        const others = selection.length > 1
            ? ` (${omostTexts.format("selected", {count: selection.length})})` : "";
        const lock = selected !== null && omostLayers.isLocked(this.part)
            ? `: ${omostTexts.format("locked")}` : "";
        const text = title + others + lock;
        if (this.title.textContent === text) return;
        this.title.textContent = text;
        this.element.setAttribute("aria-label", text);
    }

    /**
     * @param {string} name
     * @param {boolean} hasNames
     */
    #field(name, hasNames) {
        if (name === "place") return hasNames ? this.#placeNameFields() : this.#sideFields();
        if (name === "detailed_descriptions") return this.#detailFields();
        if (name === "color") return new OmostColorField(this).element;
        if (name === "distance_to_viewer") return this.#distanceField();
        return this.#textField(name);
    }

    /**
     * Changes the selected part. Successive changes of one field are one step of the history.
     *
     * @param {string} field
     * @param {PartEdit} change
     */
    edit(field, change) {
        const {selected} = this.editor;
        this.editor.edit((canvas) => {
            if (selected === null) return change(canvas);
            const region = change(canvas.regions[selected]);
            return omostCanvasEdits.replaceRegion(canvas, selected, region);
        }, `${selected} ${field}`);
    }

    /**
     * Shows the part's value in a control, unless somebody is typing there.
     *
     * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} control
     * @param {(part: any) => string | number} read
     */
    #bind(control, read) {
        this.updates.push((part) => {
            const value = String(read(part));
            if (document.activeElement === control || control.value === value) return;
            control.value = value;
        });
    }

    /**
     * Puts a control under its label, and shows the part's value in it.
     *
     * @param {string} name
     * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} control
     * @param {(part: any) => string | number} read
     * @param {string} hint
     */
    #labelled(name, control, read, hint = omostTexts.format(`${name}_hint`)) {
        this.#bind(control, read);
        const output = omostCreateElement("output");
        this.tokenOutputs.set(name, output);
        return omostCreateElement("label", {title: hint, "data-field": name},
            omostCreateElement("span", {}, omostTexts.format(name), " ", output), control);
    }

    /** @param {string} name */
    #textField(name) {
        const isDescription = name === "description";
        const control = isDescription
            ? omostCreateElement("textarea", {rows: 2}) : omostCreateElement("input", {type: "text"});
        /** @type {PartEdit} */
        const change = (part) => (isDescription
            ? omostCanvasEdits.setDescription(part, control.value)
            : {...part, [name]: control.value});
        control.addEventListener("input", () => this.edit(name, change));
        return this.#labelled(name, control, (part) => part[name]);
    }

    #detailFields() {
        const name = "detailed_descriptions";
        const rows = this.part[name].map((/** @type {string} */ _, /** @type {number} */ index) =>
            this.#detailRow(name, index));
        const add = omostCreateElement("button", {
            type: "button", class: "omost-add",
            onclick: () => {
                this.editor.history.endStep();
                this.edit(`${name} more`, (part) => ({...part, [name]: [...part[name], ""]}));
                const last = /** @type {HTMLElement | null} */ (
                    this.element.querySelector("ol > li:last-child > textarea"));
                last?.focus();
            },
        }, omostTexts.format("add_detail"));
        return omostCreateElement("fieldset", {title: omostTexts.format(`${name}_hint`)},
            omostCreateElement("legend", {}, omostTexts.format(name)),
            omostCreateElement("ol", {}, ...rows), add);
    }

    /**
     * @param {string} name
     * @param {number} index
     */
    #detailRow(name, index) {
        const number = index + 1;
        /**
         * @param {string[]} details Stand in place of this one.
         * @returns {PartEdit}
         */
        const replaceBy = (...details) => (part) => ({
            ...part,
            [name]: part[name].flatMap((/** @type {string} */ old, /** @type {number} */ i) =>
                (i === index ? details : [old])),
        });
        /** @type {HTMLTextAreaElement} */
        const control = omostCreateElement("textarea", {
            rows: 1, "aria-label": omostTexts.format("detail", {number}),
            oninput: () => this.edit(`${name} ${index}`, replaceBy(control.value)),
        });
        const removeHint = omostTexts.format("remove_detail", {number});
        const remove = omostCreateElement("button", {
            type: "button", "aria-label": removeHint, title: removeHint,
            onclick: () => {
                this.editor.history.endStep();
                this.edit(`${name} less`, replaceBy());
            },
        }, "×");
        this.#bind(control, (part) => part[name][index]);
        const output = omostCreateElement("output");
        this.tokenOutputs.set(`${name} ${index}`, output);
        return omostCreateElement("li", {}, control, output, remove);
    }

    #distanceField() {
        const name = "distance_to_viewer";
        const control = omostCreateElement("input", {
            type: "number", min: 0, step: "any",
            oninput: () => {
                const value = Number(control.value);
                const isValid = control.value !== "" && Number.isFinite(value) && value > 0;
                control.setAttribute("aria-invalid", String(!isValid));
                if (isValid) this.edit(name, (part) => ({...part, [name]: value}));
            },
            onblur: () => {
                control.setAttribute("aria-invalid", "false");
                control.value = this.part?.[name] ?? "";
            },
        });
        return this.#labelled(name, control, (part) => part[name]);
    }

    #placeNameFields() {
        /**
         * @param {"location" | "offset" | "area"} kind
         * @param {Record<string, unknown>} vocabulary
         */
        const choice = (kind, vocabulary) => {
            const control = omostCreateElement("select", {
                onchange: () => this.edit(kind, (part) => omostBoxes.place(part, {
                    location: part.location, offset: part.offset, area: part.area,
                    [kind]: control.value,
                })),
            }, ...Object.keys(vocabulary).map((name) =>
                omostCreateElement("option", {value: name}, omostTexts.translate(name))));
            return this.#labelled(kind, control, (part) => part[kind]);
        };
        const {locations, offsets, areas} = omostServerData;
        return omostCreateElement("div", {class: "omost-row"}, choice("location", locations),
            choice("offset", offsets), choice("area", areas));
    }

    #sideFields() {
        /**
         * @param {Placement} part
         * @returns {Record<string, number>}
         */
        const sidesOf = (part) => {
            const {left, top, right, bottom} = omostBoxes.boxOf(part);
            return {left, top, width: right - left, height: bottom - top};
        };
        const fields = OmostRegionForm.SIDES.map((side) => {
            const isLength = side === "width" || side === "height";
            const control = omostCreateElement("input", {
                type: "number", min: isLength ? 1 : 0, max: omostServerData.units, step: 1,
                oninput: () => {
                    if (control.value === "") return;
                    this.edit("place", (part) => {
                        const sides = {...sidesOf(part), [side]: Number(control.value)};
                        return omostBoxes.place(part, this.#boxWithin(sides));
                    });
                },
            });
            const hint = omostTexts.format("side_hint");
            return this.#labelled(side, control, (part) => sidesOf(part)[side], hint);
        });
        return omostCreateElement("div", {class: "omost-row"}, ...fields);
    }

    /** @param {Record<string, number>} sides */
    #boxWithin({left, top, width, height}) {
        const {units} = omostServerData;
        /**
         * @param {number} value
         * @param {number} low
         * @param {number} high
         */
        const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
        const x = clamp(left, 0, units - 1), y = clamp(top, 0, units - 1);
        return omostBoxes.freeBox({
            left: x, top: y,
            right: clamp(x + width, x + 1, units), bottom: clamp(y + height, y + 1, units),
        });
    }

    /** Shows the tokens of each field, and the bags, if the server has counted them. */
    renderTokens() {
        const {tokenCounts, selected} = this.editor;
        const limit = tokenCounts?.most ?? Infinity;
        const part = tokenCounts?.parts?.[selected === null ? 0 : selected + 1];
        for (const [name, output] of this.tokenOutputs) {
            const [field, index] = name.split(" ");
            const counts = part?.fields[field];
            const count = Array.isArray(counts) ? counts[Number(index)] : counts;
            const isOver = (count ?? 0) > limit;
            const text = isOver ? "tokens_over" : "tokens";
            const shown = count ? omostTexts.format(text, {count, most: limit}) : "";
            if (output.textContent !== shown) output.textContent = shown;
            output.classList.toggle("omost-over", isOver);
        }
        this.#renderBags(part?.bags ?? [], limit);
    }

    /**
     * @param {Bag[]} bags
     * @param {number} limit Tokens that fit into a bag.
     */
    #renderBags(bags, limit) {
        const key = JSON.stringify(bags);
        if (this.bags.dataset.shown === key) return; // equal bags spare the form's layout
        this.bags.dataset.shown = key;
        this.bags.hidden = !bags.length;
        const rows = bags.map(({tokens, texts}, index) => {
            const title = omostTexts.format("bag", {number: index + 1, count: tokens, most: limit});
            return omostCreateElement("li", {}, omostCreateElement("b", {}, title),
                omostCreateElement("span", {}, texts.join(" ")));
        });
        this.bags.replaceChildren(
            omostCreateElement("summary", {}, `${omostTexts.format("bags")}: ${bags.length}`),
            omostCreateElement("ol", {}, ...rows));
    }
}
