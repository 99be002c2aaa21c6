// The picture to be made, with a box for each region: drawn, moved and resized by mouse, touch and
// keyboard. While something is dragged only its box changes; the canvas does when it is let go.

omost.Stage = class {
    static EDGES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
    static ARROWS = {
        ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
    };
    static LABEL = 20; // pixels from one label to the next below it

    boxes = [];
    labels = [];
    drawing = false; // the next drag draws, whatever lies there
    drag = null;

    constructor(editor) {
        const make = omost.make;
        this.editor = editor;
        this.picture = make("img", {class: "omost-backdrop", alt: ""});
        this.ground = make("div", {class: "omost-ground"});
        this.frame = make("div", {class: "omost-frame", hidden: true},
            ...omost.Stage.EDGES.map((edge) => make("span", {"data-edge": edge})));
        this.hint = make("p", {class: "omost-empty"}, omost.say("empty"));
        this.status = make("p", {class: "omost-place", role: "status"});
        this.element = make("div", {
            class: "omost-stage", role: "group",
            onpointerdown: (event) => this.#begin(event),
            onpointermove: (event) => this.#move(event),
            onpointerup: (event) => this.#end(event),
            onpointercancel: () => this.cancel(),
            onkeydown: (event) => this.#key(event),
            onfocusin: (event) => this.#focus(event),
        }, this.ground, this.picture, this.hint, this.frame);
    }

    resize([width, height]) {
        this.element.style.setProperty("--aspect", width / height);
    }

    draw(drawing) {
        this.drawing = drawing;
        this.element.classList.toggle("omost-drawing", drawing);
    }

    render() {
        this.cancel();
        const {canvas, selected} = this.editor;
        const regions = canvas?.regions ?? [];
        const order = canvas ? omost.regions.farToNear(canvas) : [];
        this.hint.hidden = Boolean(canvas);
        this.ground.style.background = canvas ? omost.colors.css(canvas.color) : "";
        this.element.setAttribute("aria-label", omost.say("stage", {count: regions.length}));
        while (this.boxes.length > regions.length) {
            this.boxes.pop().remove();
            this.labels.pop().remove();
        }
        while (this.boxes.length < regions.length) this.#addBox(this.boxes.length);
        regions.forEach((region, index) => this.#renderBox(region, index, order.indexOf(index)));
        this.#placeLabels(regions);
        this.frame.hidden = selected === null;
        if (selected !== null) this.#place(this.frame, omost.places.box(regions[selected]));
        this.#say(selected === null ? "" : omost.places.words(regions[selected]));
    }

    focus(index) {
        this.boxes[index]?.focus({preventScroll: true});
    }

    #addBox(index) {
        const box = omost.make("div", {
            class: "omost-box", role: "button", tabindex: "0", "data-index": index,
        });
        const label = omost.make("span", {class: "omost-label", "aria-hidden": "true"});
        this.boxes.push(box);
        this.labels.push(label);
        this.frame.before(box, label);
    }

    #renderBox(region, index, depth) {
        const box = this.boxes[index], label = this.labels[index];
        const name = region.description.trim() || omost.say("unnamed");
        const color = omost.colors.css(region.color);
        box.style.zIndex = depth + 1;
        box.style.setProperty("--color", color);
        box.setAttribute("aria-pressed", index === this.editor.selected);
        box.setAttribute("aria-label", `${omost.say("region", {number: index + 1})}: ${name} `
            + omost.places.words(region));
        label.textContent = `${index + 1} ${name}`;
        label.style.background = color;
        label.style.color = omost.colors.ink(region.color);
        this.#place(box, omost.places.box(region));
    }

    #place(element, {left, top, right, bottom}) {
        const share = (side) => `${(side / omost.facts.units) * 100}%`;
        Object.assign(element.style, {
            left: share(left), top: share(top),
            width: share(right - left), height: share(bottom - top),
        });
    }

    // Each label goes to the top left corner of its box, or below the labels that are there.
    #placeLabels(regions) {
        const {clientWidth, clientHeight} = this.element;
        const taken = [];
        regions.forEach((region, index) => {
            const {left, top, right, bottom} = omost.places.box(region);
            const x = (left / omost.facts.units) * clientWidth;
            const width = ((right - left) / omost.facts.units) * clientWidth;
            const last = (bottom / omost.facts.units) * clientHeight - omost.Stage.LABEL;
            let y = (top / omost.facts.units) * clientHeight;
            const covers = (other) => Math.abs(other.y - y) < omost.Stage.LABEL
                && x < other.x + other.width && other.x < x + width;
            while (taken.some(covers) && y + omost.Stage.LABEL < last) y += omost.Stage.LABEL / 2;
            taken.push({x, y, width: Math.min(width, clientWidth / 2)});
            Object.assign(this.labels[index].style, {
                left: `${(left / omost.facts.units) * 100}%`,
                top: clientHeight ? `${(y / clientHeight) * 100}%` : `${(top / 90) * 100}%`,
                maxWidth: `${((right - left) / omost.facts.units) * 100}%`,
            });
        });
    }

    // The hosts look through the page after every change of it that is none of style.
    #say(words) {
        if (this.status.textContent !== words) this.status.textContent = words;
    }

    #focus(event) {
        const index = event.target.dataset.index;
        if (index !== undefined && !this.drag) this.editor.select(Number(index));
    }

    // Where the pointer is, in canvas units.
    #point(event) {
        const {left, top, width, height} = this.drag?.rect ?? this.element.getBoundingClientRect();
        const {units} = omost.facts;
        return {
            x: ((event.clientX - left) / width) * units, y: ((event.clientY - top) / height) * units,
        };
    }

    // The positions of the regions under the pointer, from near to far.
    #under({x, y}) {
        const {canvas} = this.editor;
        if (!canvas) return [];
        return omost.regions.farToNear(canvas).reverse().filter((index) => {
            const {left, top, right, bottom} = omost.places.box(canvas.regions[index]);
            return left <= x && x <= right && top <= y && y <= bottom;
        });
    }

    #begin(event) {
        if (event.button || this.drag) return;
        const edge = event.target.dataset.edge;
        const start = this.#point(event);
        const under = this.#under(start);
        const {selected} = this.editor;
        let index = edge || under.includes(selected) ? selected : under[0] ?? null;
        if (this.drawing) index = null;
        // A finger on an empty place scrolls the page.
        if (index === null && event.pointerType === "touch" && !this.drawing) return;
        const held = index === selected && index !== null;
        if (index !== null) {
            this.editor.select(index);
            this.focus(index);
        }
        this.drag = {
            start, index, edge, held, under, id: event.pointerId, from: event, now: event,
            moved: false, frame: 0, rect: this.element.getBoundingClientRect(),
        };
        this.element.setPointerCapture(event.pointerId);
        event.preventDefault();
    }

    #move(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.id) return;
        drag.now = event;
        const {clientX: x, clientY: y} = drag.from;
        drag.moved ||= Math.hypot(event.clientX - x, event.clientY - y) > 3;
        drag.now = event;
        if (drag.moved && !drag.frame) {
            drag.frame = requestAnimationFrame(() => {
                drag.frame = 0;
                if (this.drag === drag) this.#show(drag);
            });
        }
    }

    // What the drag has come to: a region that is not yet in the canvas.
    #dragged(drag) {
        const {canvas, snap} = this.editor;
        const point = this.#point(drag.now);
        const dx = point.x - drag.start.x, dy = point.y - drag.start.y;
        if (drag.index === null) return omost.places.between({}, drag.start, point, snap);
        const region = canvas.regions[drag.index];
        return drag.edge
            ? omost.places.resized(region, drag.edge, dx, dy, snap)
            : omost.places.moved(region, dx, dy, snap);
    }

    #show(drag) {
        const region = this.#dragged(drag);
        const box = omost.places.box(region);
        this.frame.hidden = false;
        this.#place(this.frame, box);
        if (drag.index !== null) this.#place(this.boxes[drag.index], box);
        this.#say(omost.places.words(region));
    }

    #end(event) {
        const {drag} = this;
        if (!drag || event.pointerId !== drag.id) return;
        drag.now = event;
        const region = drag.moved ? this.#dragged(drag) : null;
        this.#release();
        if (region && drag.index === null) this.editor.add(region);
        else if (region) {
            this.editor.edit((canvas) => omost.regions.replaced(canvas, drag.index, region));
        } else if (drag.index === null) this.editor.select(null);
        else if (drag.held && !drag.edge) this.#selectNext(drag);
        if (region && drag.index !== null) this.focus(drag.index);
        this.editor.draw(false);
    }

    // A click on what is selected selects what lies beneath it.
    #selectNext({under, index}) {
        const next = under[(under.indexOf(index) + 1) % under.length];
        this.editor.select(next);
        this.focus(next);
    }

    #release() {
        const {drag} = this;
        this.drag = null;
        if (drag) cancelAnimationFrame(drag.frame);
        if (drag && this.element.hasPointerCapture(drag.id)) {
            this.element.releasePointerCapture(drag.id);
        }
    }

    cancel() {
        if (!this.drag) return;
        this.#release();
        this.render();
    }

    #key(event) {
        const {editor} = this;
        const arrow = omost.Stage.ARROWS[event.key];
        const index = event.target.dataset.index === undefined ? null : editor.selected;
        if (event.key === "Escape") {
            this.cancel();
            editor.draw(false);
        } else if (arrow && index !== null && !event.ctrlKey && !event.altKey) {
            const change = event.shiftKey ? omost.places.grown : omost.places.stepped;
            editor.edit((canvas) => omost.regions.replaced(
                canvas, index, change(canvas.regions[index], ...arrow, editor.snap)), "arrows");
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
    }
};
