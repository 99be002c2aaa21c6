// What the reader found in the code: lines marked in the text box, and sentences below it that
// lead to their line.

omost.Marks = class {
    constructor(tab) {
        this.tab = tab;
        this.found = [];
        this.lines = omost.make("div", {class: "omost-marks", "aria-hidden": "true"});
        this.list = omost.make("div", {class: "omost-found", "aria-live": "polite"});
        const block = omost.page.part(tab, "canvas");
        block.after(this.list);
        const box = omost.page.box(tab);
        box.before(this.lines);
        box.addEventListener("scroll", () => this.#scroll());
        new ResizeObserver(() => this.#draw()).observe(box);
    }

    // The text has changed: nothing is known of its lines yet.
    clear() {
        this.#mark([]);
    }

    render(found) {
        this.#mark(found.filter((item) => item.line && item.severity !== "note"));
        const loud = found.filter((item) => item.severity !== "note");
        const notes = found.filter((item) => item.severity === "note");
        this.list.replaceChildren(...loud.map((item) => this.#sentence(item)));
        if (notes.length) {
            this.list.append(omost.make("details", {},
                omost.make("summary", {}, omost.say("repaired", {count: notes.length})),
                ...notes.map((item) => this.#sentence(item))));
        }
    }

    #sentence({severity, message, line}) {
        const where = line
            ? [omost.make("button", {
                type: "button", title: omost.say("line_hint"), onclick: () => this.#go(line),
            }, omost.say("line", {line})), ": "]
            : [];
        const role = severity === "error" ? {role: "alert"} : {};
        return omost.make("p", {class: `omost-${severity}`, ...role}, ...where, message);
    }

    #go(line) {
        const box = omost.page.box(this.tab);
        const lines = box.value.split("\n");
        const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
        box.focus();
        box.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
        const mark = this.lines.querySelector(`[data-line="${line}"]`);
        if (mark) box.scrollTop = mark.offsetTop - box.clientHeight / 2;
    }

    #mark(found) {
        this.found = found;
        this.#draw();
    }

    // A copy of the text that nobody sees lies over it, so that its lines break where the box's do.
    #draw() {
        const box = omost.page.box(this.tab);
        if (!this.found.length || !box) {
            this.lines.replaceChildren();
            return;
        }
        const severity = new Map(this.found.map((item) => [item.line, item.severity]));
        const style = getComputedStyle(box);
        for (const name of ["font", "letterSpacing", "lineHeight", "padding", "tabSize"]) {
            this.lines.style[name] = style[name];
        }
        Object.assign(this.lines.style, {
            left: `${box.offsetLeft + box.clientLeft}px`, top: `${box.offsetTop + box.clientTop}px`,
            width: `${box.clientWidth}px`, height: `${box.clientHeight}px`,
        });
        this.lines.replaceChildren(...box.value.split("\n").map((text, index) => {
            const kind = severity.get(index + 1);
            return omost.make("div", kind
                ? {class: `omost-mark-${kind}`, "data-line": index + 1} : {}, text || "\u200b");
        }));
        this.#scroll();
    }

    #scroll() {
        this.lines.scrollTop = omost.page.box(this.tab).scrollTop;
    }
};
