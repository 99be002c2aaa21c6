// The editor's buttons above the picture, and how the picture is seen below it.

omost.Tools = class {
    constructor(editor) {
        this.editor = editor;
        this.buttons = {
            new: this.#button("new", "+", (event) => this.#new(event)),
            duplicate: this.#button("duplicate", "2×", () => editor.duplicate()),
            delete: this.#button("delete", "✕", () => editor.remove()),
            nearer: this.#button("nearer", "↑", () => editor.raise(1)),
            farther: this.#button("farther", "↓", () => editor.raise(-1)),
            undo: this.#button("undo", "↶", () => editor.undo()),
            redo: this.#button("redo", "↷", () => editor.redo()),
        };
        this.bar = omost.make("div", {class: "omost-tools", role: "toolbar"},
            ...Object.values(this.buttons));
        this.snap = omost.make("input", {
            type: "checkbox", checked: true, onchange: () => editor.setSnap(this.snap.checked),
        });
        this.backdrop = omost.make("select", {onchange: () => this.#show()},
            ...["colors", "picture", "none"].map((name) =>
                omost.make("option", {value: name}, omost.say(`backdrop_${name}`))));
        this.opacity = omost.make("input", {
            type: "range", min: 0, max: 100, value: 100, oninput: () => this.#show(),
        });
        this.view = omost.make("div", {class: "omost-view"}, this.#labelled("snap"),
            this.#labelled("backdrop"), this.#labelled("opacity"));
        this.#show();
    }

    #button(name, sign, act) {
        const {tab} = this.editor;
        return omost.make("button", {
            type: "button", id: `omost_${tab}_editor_${name}`, title: omost.say(`${name}_hint`),
            onclick: act,
        }, omost.make("span", {"aria-hidden": "true"}, sign),
        omost.make("span", {}, omost.say(name)));
    }

    #labelled(name) {
        this[name].id = `omost_${this.editor.tab}_editor_${name}`;
        return omost.make("label", {title: omost.say(`${name}_hint`)},
            omost.make("span", {}, omost.say(name)), this[name]);
    }

    // A press of the keyboard has no place to draw at.
    #new(event) {
        const {editor} = this;
        if (event.detail) {
            editor.draw(!editor.stage.drawing);
            return;
        }
        const third = omost.facts.units / 3;
        editor.add(omost.places.between(
            {}, {x: third / 2, y: third / 2}, {x: 2.5 * third, y: 2.5 * third}, editor.snap));
    }

    render() {
        const {canvas, selected, history, stage} = this.editor;
        const order = canvas ? omost.regions.farToNear(canvas) : [];
        const depth = order.indexOf(selected);
        this.isWriting = omost.page.composing(this.editor.tab);
        const idle = {
            duplicate: selected === null, delete: selected === null,
            nearer: depth < 0 || depth === order.length - 1, farther: depth < 1,
            undo: this.isWriting || !history.past.length,
            redo: this.isWriting || !history.future.length,
        };
        for (const [name, off] of Object.entries(idle)) this.buttons[name].disabled = off;
        for (const name of ["undo", "redo"]) {
            this.buttons[name].title = this.isWriting
                ? omost.say("writing") : omost.say(`${name}_hint`);
        }
        this.buttons.new.setAttribute("aria-pressed", String(stage.drawing));
    }

    #show() {
        const {element, picture} = this.editor.stage;
        element.dataset.backdrop = this.backdrop.value;
        element.style.setProperty("--opacity", this.opacity.value / 100);
        this.#follow();
        picture.hidden = this.backdrop.value !== "picture" || !picture.src;
    }

    // An answer has begun or ended, and nobody tells; the last picture may be another by now.
    watch() {
        if (this.isWriting !== omost.page.composing(this.editor.tab)) this.render();
        this.#follow();
    }

    #follow() {
        if (this.backdrop.value !== "picture") return;
        const {picture} = this.editor.stage;
        const source = omost.page.picture(this.editor.tab);
        if (source && picture.src !== source) picture.src = source;
        picture.hidden = !picture.src;
    }
};
