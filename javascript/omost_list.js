// The regions as a list, nearest first as they lie on the picture, and the whole picture below
// them. A row is dragged by its grip to another depth.

omost.RegionList = class {
    constructor(editor) {
        this.editor = editor;
        this.rows = [];
        this.drag = null;
        this.element = omost.make("ol", {
            class: "omost-list", "aria-label": omost.say("list"),
            onpointermove: (event) => this.#move(event),
            onpointerup: (event) => this.#end(event),
            onpointercancel: () => this.cancel(),
        });
    }

    render() {
        const {canvas, selected} = this.editor;
        if (this.drag) return; // it is made anew when the row is let go
        if (!canvas) {
            this.element.replaceChildren();
            return;
        }
        // The button that has the focus is made anew; it must not lose it.
        const held = this.element.contains(document.activeElement)
            && document.activeElement.dataset.name;
        const order = omost.regions.farToNear(canvas).reverse();
        this.rows = order.map((index) => this.#row(canvas.regions[index], index, selected));
        this.element.replaceChildren(...this.rows, this.#whole(canvas, selected));
        if (held) this.element.querySelector(`[data-name="${held}"]`)?.focus();
    }

    #row(region, index, selected) {
        const number = index + 1;
        const grip = omost.make("span", {
            class: "omost-grip", title: omost.say("grip", {number}), "aria-hidden": "true",
            onpointerdown: (event) => this.#begin(event, index),
        }, "⠿");
        const name = region.description.trim() || omost.say("unnamed");
        const row = omost.make("li", {"data-index": index},
            grip, this.#entry(`${number} ${name}`, region, index, selected));
        const warnings = this.editor.warnings.filter((warning) => warning.region === number);
        if (warnings.length) {
            row.append(omost.make("span", {
                class: "omost-flag", role: "img", "aria-label": warnings[0].message,
                title: warnings.map((warning) => warning.message).join("\n"),
            }, "⚠"));
        }
        return row;
    }

    #whole(canvas, selected) {
        const text = `${omost.say("whole")}: ${canvas.description.trim()}`;
        return omost.make("li", {class: "omost-whole"}, this.#entry(text, canvas, null, selected));
    }

    #entry(text, part, index, selected) {
        return omost.make("button", {
            type: "button", class: "omost-entry", "data-name": index ?? "whole",
            "aria-pressed": String(index === selected), title: part.description,
            onclick: () => this.editor.select(index),
        }, omost.make("i", {style: `background: ${omost.colors.css(part.color)}`}), text);
    }

    #begin(event, index) {
        if (event.button) return;
        this.editor.select(index);
        this.element.setPointerCapture(event.pointerId);
        this.drag = {index, place: null, id: event.pointerId};
        event.preventDefault();
    }

    #move(event) {
        if (!this.drag || event.pointerId !== this.drag.id) return;
        const others = this.rows.filter((row) => Number(row.dataset.index) !== this.drag.index);
        const above = others.filter((row) => {
            const {top, height} = row.getBoundingClientRect();
            return event.clientY > top + height / 2;
        }).length;
        this.drag.place = others.length - above; // from far to near
        this.rows.forEach((row) => row.classList.remove("omost-before", "omost-after"));
        if (above < others.length) others[above].classList.add("omost-before");
        else others.at(-1)?.classList.add("omost-after");
    }

    #end(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.id) return;
        this.cancel();
        const {canvas} = this.editor;
        if (drag.place === null || this.#isAt(canvas, drag)) return;
        this.editor.edit((now) => omost.regions.reordered(now, drag.index, drag.place));
    }

    #isAt(canvas, {index, place}) {
        return omost.regions.farToNear(canvas).indexOf(index) === place;
    }

    cancel() {
        if (!this.drag) return;
        this.drag = null;
        this.render();
    }
};
