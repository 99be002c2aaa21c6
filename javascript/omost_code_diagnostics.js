// Marks faulty lines in the canvas box and lists their problems below it.
//
// The server finds the problems when it parses the text. A click on a problem leads to its line.

/**
 * @typedef {object} Diagnostic
 * @property {"note" | "warning" | "error"} severity
 * @property {string} message
 * @property {number | null} line Counted from 1, null without a line.
 */

class OmostCodeDiagnostics {
    /** @param {string} tab */
    constructor(tab) {
        this.tab = tab;
        /** @type {Diagnostic[]} */
        this.marked = [];
        this.overlay = omostCreateElement("div", {class: "omost-marks", "aria-hidden": "true"});
        this.sentences = omostCreateElement("div", {class: "omost-found", "aria-live": "polite"});
        omostHostPage.element(tab, "canvas")?.after(this.sentences);
        const box = omostHostPage.canvasBox(tab);
        if (!box) return;
        box.before(this.overlay);
        box.addEventListener("scroll", () => this.#scroll());
        new ResizeObserver(() => this.#renderMarks()).observe(box);
    }

    /** Removes the marks because the text has changed. */
    clearMarks() {
        this.#mark([]);
    }

    /** @param {Diagnostic[]} diagnostics */
    render(diagnostics) {
        const notes = diagnostics.filter((item) => item.severity === "note");
        const problems = diagnostics.filter((item) => item.severity !== "note");
        this.#mark(problems.filter((item) => item.line));
        this.sentences.replaceChildren(...problems.map((item) => this.#sentence(item)));
        if (notes.length) {
            this.sentences.append(omostCreateElement("details", {},
                omostCreateElement("summary", {},
                    omostTexts.format("repaired", {count: notes.length})),
                ...notes.map((item) => this.#sentence(item))));
        }
    }

    /** @param {Diagnostic} diagnostic */
    #sentence({severity, message, line}) {
        const link = line
            ? [omostCreateElement("button", {
                type: "button", title: omostTexts.format("line_hint"),
                onclick: () => this.#selectLine(line),
            }, omostTexts.format("line", {line})), ": "]
            : [];
        const role = severity === "error" ? "alert" : undefined;
        return omostCreateElement("p", {class: `omost-${severity}`, role}, ...link, message);
    }

    /** @param {number} line */
    #selectLine(line) {
        const box = omostHostPage.canvasBox(this.tab);
        if (!box) return;
        const lines = box.value.split("\n");
        const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
        box.focus();
        box.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
        const mark = /** @type {HTMLElement | null} */ (
            this.overlay.querySelector(`[data-line="${line}"]`));
        if (mark) box.scrollTop = mark.offsetTop - box.clientHeight / 2;
    }

    /** @param {Diagnostic[]} diagnostics */
    #mark(diagnostics) {
        this.marked = diagnostics;
        this.#renderMarks();
    }

    // An invisible copy of the text lies over the box. Its lines wrap at the same words as the box's.
    #renderMarks() {
        const box = omostHostPage.canvasBox(this.tab);
        if (!this.marked.length || !box) {
            this.overlay.replaceChildren();
            return;
        }
        const severities = new Map(this.marked.map((item) => [item.line, item.severity]));
        const {font, letterSpacing, lineHeight, padding, tabSize} = getComputedStyle(box);
        Object.assign(this.overlay.style, {
            font, letterSpacing, lineHeight, padding, tabSize,
            left: `${box.offsetLeft + box.clientLeft}px`, top: `${box.offsetTop + box.clientTop}px`,
            width: `${box.clientWidth}px`, height: `${box.clientHeight}px`,
        });
        this.overlay.replaceChildren(...box.value.split("\n").map((text, index) => {
            const severity = severities.get(index + 1);
            return omostCreateElement("div", severity
                ? {class: `omost-mark-${severity}`, "data-line": index + 1} : {}, text || "\u200b");
        }));
        this.#scroll();
    }

    #scroll() {
        this.overlay.scrollTop = omostHostPage.canvasBox(this.tab)?.scrollTop ?? 0;
    }
}
