// The fields of what is selected: a region, or the whole picture. Each keystroke is an edit of the
// canvas; the form is made anew only when other fields are to be shown.

omost.Fields = class {
    static GLOBAL = ["description", "detailed_descriptions", "tags", "color"];
    static REGION = ["place", "description", "detailed_descriptions", "tags", "atmosphere", "style",
        "quality_meta", "distance_to_viewer", "color"];
    static SIDES = ["left", "top", "width", "height"];

    constructor(editor) {
        this.editor = editor;
        this.shown = null; // which fields the form has
        this.updates = []; // each puts the values into a field, unless somebody is typing there
        this.outputs = new Map(); // where tokens are shown, by the field's name
        this.element = omost.make("div", {
            class: "omost-fields", role: "group", onchange: () => editor.history.end(),
        });
    }

    get part() {
        const {canvas, selected} = this.editor;
        return selected === null ? canvas : canvas.regions[selected];
    }

    render() {
        const {canvas, selected, snap} = this.editor;
        if (!canvas) {
            this.shown = null;
            this.element.replaceChildren();
            return;
        }
        const named = selected !== null && !omost.places.isFree(this.part) && snap;
        const shown = `${selected} ${named} ${this.part.detailed_descriptions.length}`;
        if (shown !== this.shown) this.#build(named);
        this.shown = shown;
        this.updates.forEach((update) => update(this.part));
        this.count();
    }

    #build(named) {
        const {selected} = this.editor;
        const title = selected === null
            ? omost.say("whole") : omost.say("region", {number: selected + 1});
        this.updates = [];
        this.outputs.clear();
        this.bags = omost.make("details", {class: "omost-bags", title: omost.say("bags_hint")});
        this.element.setAttribute("aria-label", title);
        const names = selected === null ? omost.Fields.GLOBAL : omost.Fields.REGION;
        this.element.replaceChildren(omost.make("h4", {}, title),
            ...names.flatMap((name) => this.#field(name, named)), this.bags);
    }

    #field(name, named) {
        if (name === "place") return named ? this.#names() : this.#sides();
        if (name === "detailed_descriptions") return [this.#details()];
        if (name === "color") return [new omost.ColorField(this).element];
        if (name === "distance_to_viewer") return [this.#distance()];
        return [this.#text(name)];
    }

    // Change the selected part; changes of one field in a row are one step of the history.
    change(name, change) {
        const {selected} = this.editor;
        this.editor.edit((canvas) => {
            if (selected === null) return change(canvas);
            return omost.regions.replaced(canvas, selected, change(canvas.regions[selected]));
        }, `${selected} ${name}`);
    }

    // A field under its label; put: the part's value into it.
    labelled(name, input, put, {label = omost.say(name), hint = omost.say(`${name}_hint`)} = {}) {
        this.updates.push((part) => {
            const value = put(part);
            if (document.activeElement !== input && input.value !== String(value)) {
                input.value = value;
            }
        });
        const output = omost.make("output");
        this.outputs.set(name, output);
        return omost.make("label", {title: hint, "data-field": name},
            omost.make("span", {}, label, " ", output), input);
    }

    #text(name) {
        const multiline = name === "description";
        const put = (part, value) => (multiline
            ? omost.regions.described(part, value) : {...part, [name]: value});
        const input = omost.make(multiline ? "textarea" : "input", {
            ...(multiline ? {rows: 2} : {type: "text"}),
            oninput: () => this.change(name, (part) => put(part, input.value)),
        });
        return this.labelled(name, input, (part) => part[name]);
    }

    #details() {
        const name = "detailed_descriptions";
        const details = this.part[name];
        const replaced = (change) =>
            (part) => ({...part, [name]: part[name].flatMap(change)});
        const rows = details.map((_, index) => {
            const number = index + 1;
            const input = omost.make("textarea", {
                rows: 1, "aria-label": omost.say("detail", {number}),
                oninput: () => this.change(`${name} ${index}`,
                    replaced((old, i) => [i === index ? input.value : old])),
            });
            const remove = omost.make("button", {
                type: "button", "aria-label": omost.say("remove_detail", {number}),
                title: omost.say("remove_detail", {number}),
                onclick: () => {
                    this.editor.history.end();
                    this.change(`${name} less`, replaced((old, i) => (i === index ? [] : [old])));
                },
            }, "×");
            this.updates.push((part) => {
                const text = part[name][index];
                if (document.activeElement !== input && input.value !== text) input.value = text;
            });
            const output = omost.make("output");
            this.outputs.set(`${name} ${index}`, output);
            return omost.make("li", {}, input, output, remove);
        });
        const add = omost.make("button", {
            type: "button", class: "omost-add",
            onclick: () => {
                this.editor.history.end();
                this.change(`${name} more`, (part) => ({...part, [name]: [...part[name], ""]}));
                this.element.querySelector("ol > li:last-child > textarea")?.focus();
            },
        }, omost.say("add_detail"));
        return omost.make("fieldset", {title: omost.say(`${name}_hint`)},
            omost.make("legend", {}, omost.say(name)), omost.make("ol", {}, ...rows), add);
    }

    #distance() {
        const name = "distance_to_viewer";
        const input = omost.make("input", {
            type: "number", min: 0, step: "any",
            oninput: () => {
                const value = Number(input.value);
                const good = input.value !== "" && Number.isFinite(value) && value > 0;
                input.setAttribute("aria-invalid", String(!good));
                if (good) this.change(name, (part) => ({...part, [name]: value}));
            },
            onblur: () => {
                input.setAttribute("aria-invalid", "false");
                input.value = this.part?.[name] ?? "";
            },
        });
        return this.labelled(name, input, (part) => part[name]);
    }

    #names() {
        const choice = (kind, choices) => {
            const select = omost.make("select", {
                onchange: () => this.change(kind, (part) => omost.places.at(part, {
                    location: part.location, offset: part.offset, area: part.area,
                    [kind]: select.value,
                })),
            }, ...Object.keys(choices).map((name) => omost.make("option", {value: name}, name)));
            return this.labelled(kind, select, (part) => part[kind]);
        };
        const {locations, offsets, areas} = omost.facts;
        return [omost.make("div", {class: "omost-row"}, choice("location", locations),
            choice("offset", offsets), choice("area", areas))];
    }

    #sides() {
        const inputs = {};
        const values = (part) => {
            const {left, top, right, bottom} = omost.places.box(part);
            return {left, top, width: right - left, height: bottom - top};
        };
        const fields = omost.Fields.SIDES.map((side) => {
            const least = side === "width" || side === "height" ? 1 : 0;
            inputs[side] = omost.make("input", {
                type: "number", min: least, max: omost.facts.units, step: 1,
                oninput: () => {
                    if (inputs[side].value === "") return;
                    this.change("place", (part) => this.#sized(part, {
                        ...values(part), [side]: Number(inputs[side].value),
                    }));
                },
            });
            const hint = omost.say("side_hint");
            return this.labelled(side, inputs[side], (part) => values(part)[side], {hint});
        });
        return [omost.make("div", {class: "omost-row"}, ...fields)];
    }

    #sized(part, {left, top, width, height}) {
        const {units} = omost.facts;
        const within = (value, low, high) => Math.min(Math.max(value, low), high);
        const x = within(left, 0, units - 1), y = within(top, 0, units - 1);
        return omost.places.free(part, {
            left: x, top: y,
            right: within(x + width, x + 1, units), bottom: within(y + height, y + 1, units),
        });
    }

    // Show the tokens of each field, and the bags, where they have been counted.
    count() {
        const {counts, selected} = this.editor;
        const part = counts?.parts?.[selected === null ? 0 : selected + 1];
        for (const [name, output] of this.outputs) {
            const [field, index] = name.split(" ");
            const found = part?.fields[field];
            this.#show(output, index === undefined ? found : found?.[index], counts?.most);
        }
        if (this.bags) this.#showBags(part?.bags ?? [], counts?.most);
    }

    #show(output, count, most) {
        const over = count > most;
        output.textContent = count ? omost.say(over ? "tokens_over" : "tokens", {count, most}) : "";
        output.classList.toggle("omost-over", over);
    }

    #showBags(bags, most) {
        this.bags.hidden = !bags.length;
        const rows = bags.map(({tokens, texts}, index) => omost.make("li", {},
            omost.make("b", {}, omost.say("bag", {number: index + 1, count: tokens, most})),
            omost.make("span", {}, texts.join(" "))));
        this.bags.replaceChildren(
            omost.make("summary", {}, `${omost.say("bags")}: ${bags.length}`),
            omost.make("ol", {}, ...rows));
    }
};

// A colour: its name, every colour that has one, and the browser's picker, which takes the nearest.
omost.ColorField = class {
    constructor(fields) {
        this.fields = fields;
        this.chip = omost.make("i");
        this.name = omost.make("span");
        this.swatches = omost.colors.swatches().map(({name, color}) => omost.make("button", {
            type: "button", style: `background: ${omost.colors.css(color)}`, title: name,
            "aria-label": name, tabindex: -1, onclick: () => this.#choose(color),
        }));
        this.picker = omost.make("input", {
            type: "color", title: omost.say("color_pick"), "aria-label": omost.say("color_pick"),
            oninput: () => this.#choose(
                omost.colors.nearest(omost.colors.fromHex(this.picker.value))),
        });
        this.element = omost.make("div", {class: "omost-color", title: omost.say("color_hint")},
            omost.make("span", {}, omost.say("color")),
            omost.make("details", {},
                omost.make("summary", {}, this.chip, this.name),
                omost.make("div", {
                    class: "omost-swatches", role: "group", "aria-label": omost.say("color"),
                    onkeydown: (event) => this.#key(event),
                }, ...this.swatches)),
            this.picker);
        fields.updates.push((part) => this.#put(part.color));
    }

    #choose(color) {
        this.fields.change("color", (part) => omost.regions.colored(part, color));
    }

    #put(color) {
        const name = omost.colors.nameOf(color);
        this.chip.style.background = omost.colors.css(color);
        this.name.textContent = name ?? omost.colors.hex(color);
        this.picker.value = omost.colors.hex(color);
        this.swatches.forEach((swatch, index) => {
            const chosen = swatch.title === name;
            swatch.setAttribute("aria-pressed", String(chosen));
            swatch.tabIndex = chosen || (name === null && !index) ? 0 : -1;
        });
    }

    #key(event) {
        const step = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1}[event.key];
        if (!step) return;
        const {swatches} = this;
        const next = swatches.indexOf(document.activeElement) + step + swatches.length;
        swatches[next % swatches.length].focus();
        event.preventDefault();
        event.stopPropagation();
    }
};
