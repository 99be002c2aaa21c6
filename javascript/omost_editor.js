// The region editor of one tab. The text in the canvas box is what Generate sends; the editor is a
// view of it. Text from elsewhere goes to the server, which answers with the canvas that it holds;
// an edit here becomes text at once, and the server then says what there is to know of it.

omost.Editor = class {
    static TYPING = 300; // milliseconds without a change before the server is asked
    static PATIENCE = 3000; // and before a question is asked again: gradio may not listen yet
    static STEP = 2000; // between two changes from elsewhere that are steps of their own
    static WORD = 30; // characters: where more are replaced at once, that is a step of its own

    canvas = null; // the last one that could be read, in the form of its JSON
    isCurrent = true; // it is what the text says
    isBroken = false; // the text holds none
    text = "";
    selected = null; // a region's position in the code, null for the whole picture
    snap = true;
    warnings = [];
    counts = null;
    traps = [];
    history = new omost.History();
    version = 0; // of the text, so that a late answer is known
    own = 0; // the last version that was made here
    asking = false;
    again = false;
    lastOutside = 0;
    lastComposing = 0;

    constructor(tab, root) {
        this.tab = tab;
        this.root = root;
        this.stage = new omost.Stage(this);
        this.tools = new omost.Tools(this);
        this.list = new omost.RegionList(this);
        this.fields = new omost.Fields(this);
        this.marks = new omost.Marks(tab);
        this.notices = omost.make("div", {class: "omost-notices", "aria-live": "polite"});
        root.classList.add("omost-editor");
        root.setAttribute("role", "region");
        root.setAttribute("aria-label", omost.say("editor"));
        root.append(this.tools.bar, this.stage.element, this.stage.status, this.tools.view,
            this.notices, this.list.element, this.fields.element);
        root.addEventListener("keydown", (event) => this.#key(event));
        omost.page.box(tab).addEventListener("input", () => this.notice());
        this.stage.resize(omost.page.size(tab));
        this.render();
        if (!omost.page.text(tab)) omost.page.put(tab, omost.draft.kept(`${tab}_canvas`));
        this.notice();
    }

    // What somebody does in the editor

    select(index) {
        if (index === this.selected) return;
        this.selected = index;
        this.history.end();
        this.render();
    }

    draw(drawing) {
        this.stage.draw(drawing);
        this.tools.render();
    }

    add(region) {
        this.edit((canvas) => omost.regions.added(canvas, region));
        this.select(this.canvas.regions.length - 1);
        const field = this.fields.element.querySelector('[data-field="description"] textarea');
        // Left to itself the browser may bring the field to the middle, and the box out of sight.
        field?.focus({preventScroll: true});
        field?.scrollIntoView({block: "nearest"});
    }

    remove() {
        const index = this.selected;
        if (index === null) return;
        this.edit((canvas) => omost.regions.removed(canvas, index));
        this.stage.focus(this.selected);
    }

    duplicate() {
        const index = this.selected;
        if (index === null) return;
        this.edit((canvas) => omost.regions.duplicated(canvas, index, this.snap));
        this.select(index + 1);
        this.stage.focus(this.selected);
    }

    raise(step) {
        if (this.selected === null) return;
        this.edit((canvas) => omost.regions.raised(canvas, this.selected, step));
    }

    setSnap(snap) {
        this.snap = snap;
        this.render();
    }

    // Change the canvas; changes in a row with one tag are undone together.
    edit(change, tag = null) {
        this.notice();
        const before = this.canvas ?? omost.regions.empty();
        const after = change(before);
        if (after === before) return;
        this.history.record(this.#state(), tag);
        this.#write({text: omost.code.write(after), canvas: after});
        this.ask();
    }

    undo() {
        this.notice();
        this.#travel(this.history.undo(this.#state()));
    }

    redo() {
        this.notice();
        this.#travel(this.history.redo(this.#state()));
    }

    #state() {
        return {text: this.text, canvas: this.isCurrent ? this.canvas : undefined};
    }

    #travel(state) {
        if (!state) return;
        this.#write(state);
        this.ask(0);
    }

    #write({text, canvas}) {
        this.#setText(text);
        this.own = this.version;
        omost.page.put(this.tab, text);
        this.#take(canvas);
    }

    // What changes elsewhere

    // Look at the text box: somebody typed, the chat wrote, or an infotext was pasted.
    notice() {
        const text = omost.page.text(this.tab);
        if (text === this.text) return;
        const now = Date.now();
        const writing = this.#isComposing();
        const pause = !writing && now - this.lastOutside > omost.Editor.STEP;
        if (pause || omost.lost(this.text, text) > omost.Editor.WORD) this.history.end();
        this.lastOutside = now;
        this.history.record(this.#state(), "outside");
        this.#setText(text);
        this.marks.clear();
        this.#take(text.trim() ? undefined : null);
        this.ask(writing ? 0 : omost.Editor.TYPING);
    }

    // A chat's answer is being written, or was a moment ago: its end is no step of its own.
    #isComposing() {
        if (omost.page.composing(this.tab)) this.lastComposing = Date.now();
        return Date.now() - this.lastComposing < omost.Editor.STEP;
    }

    // The page's settings and the picture's size, which tell nobody when they change. Asked for
    // while the editor is seen.
    watch() {
        this.stage.resize(omost.page.size(this.tab));
        this.#isComposing();
        const traps = omost.page.traps(this.tab);
        if (traps.join() !== this.traps.join()) {
            this.traps = traps;
            this.#renderNotices();
        }
        const settings = JSON.stringify(omost.page.settings(this.tab));
        if (settings !== this.settings) this.ask(); // also when it is first seen
        this.settings = settings;
        this.tools.watch();
    }

    #setText(text) {
        this.text = text;
        this.version++;
        omost.draft.keep(`${this.tab}_canvas`, text);
    }

    // Show a canvas; undefined: the former one, until it is known what the text holds.
    #take(canvas, isCurrent = canvas !== undefined) {
        this.isCurrent = isCurrent;
        this.isBroken = false;
        if (canvas !== undefined) this.canvas = canvas;
        this.stage.cancel();
        this.list.cancel();
        this.#clamp();
        this.render();
    }

    #clamp() {
        const last = (this.canvas?.regions.length ?? 0) - 1;
        if (this.selected > last) this.selected = last < 0 ? null : last;
    }

    // The server: one question at a time, as gradio 3 drops an event whose handler is running

    ask(delay = omost.Editor.TYPING) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.#send(), delay);
    }

    #send() {
        this.again = this.asking;
        if (this.asking) return;
        this.asking = true;
        this.waiting = setTimeout(() => {
            this.asking = false;
            this.ask(0);
        }, omost.Editor.PATIENCE);
        omost.page.part(this.tab, "editor_ask")?.click();
    }

    question() {
        return {id: this.version, text: this.text, ...omost.page.settings(this.tab)};
    }

    // The server has read a text.
    read({id, canvas, diagnostics, warnings}) {
        clearTimeout(this.waiting);
        this.asking = false;
        if (this.again || id !== this.version) this.ask(50);
        // What a growing text held a moment ago is worth a look, but not over an edit.
        if (!this.isCurrent && canvas && id > this.own) this.#take(canvas, id === this.version);
        if (id !== this.version) return;
        this.warnings = warnings;
        this.marks.render(diagnostics);
        this.isBroken = !canvas && Boolean(this.text.trim());
        this.list.render();
        this.#renderNotices();
    }

    counted({id, ...counts}) {
        if (id !== this.version) return;
        this.counts = counts.parts ? counts : null;
        this.fields.count();
        this.#renderNotices();
    }

    // What is seen

    render() {
        this.tools.render();
        this.stage.render();
        this.list.render();
        this.fields.render();
        this.#renderNotices();
    }

    #renderNotices() {
        const about = this.selected === null ? 0 : this.selected + 1;
        const messages = [
            ...(this.isBroken && this.canvas ? [omost.say("stale")] : []),
            ...(this.canvas ? this.traps.map((name) => omost.say(name)) : []),
            ...this.warnings.filter(({region}) => !region || region === about)
                .map(({message}) => message),
            ...(this.counts?.problem ? [this.counts.problem] : []),
        ];
        this.root.classList.toggle("omost-stale", this.isBroken);
        if (messages.join("\n") === this.shownNotices) return;
        this.shownNotices = messages.join("\n");
        this.notices.replaceChildren(
            ...messages.map((text) => omost.make("p", {class: "omost-warning"}, text)));
    }

    #key(event) {
        if (event.target.matches("input:not([type=checkbox], [type=range]), textarea, select")) {
            return;
        }
        const command = event.ctrlKey || event.metaKey;
        const key = event.key.toLowerCase();
        const acts = command
            ? {z: () => (event.shiftKey ? this.redo() : this.undo()), y: () => this.redo(),
                d: () => this.duplicate()}
            : {delete: () => this.remove(), backspace: () => this.remove(),
                "]": () => this.raise(1), "[": () => this.raise(-1)};
        if (!acts[key] || event.altKey) return;
        acts[key]();
        event.preventDefault();
        event.stopPropagation();
    }
};

// The editors by tab, and what gradio's events call.
omost.editors = (() => {
    const WATCH = 500; // milliseconds
    const byTab = {};

    function mount(tab) {
        const root = omost.page.part(tab, "editor");
        if (!root || !omost.page.box(tab)) return;
        omost.facts ??= JSON.parse(root.dataset.facts);
        byTab[tab] = new omost.Editor(tab, root);
        setInterval(() => root.offsetParent && byTab[tab].watch(), WATCH);
    }

    // gradio tells of a change before the box shows it, and takes an event's result for values.
    function changed(tab) {
        setTimeout(() => byTab[tab]?.notice());
    }

    const question = (tab) => [JSON.stringify(byTab[tab]?.question() ?? {id: -1, text: ""})];
    const read = (tab, reply) => byTab[tab]?.read(JSON.parse(reply));
    const counted = (tab, reply) => byTab[tab]?.counted(JSON.parse(reply));
    const of = (tab) => byTab[tab];

    return {mount, changed, question, read, counted, of};
})();
