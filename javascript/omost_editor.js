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
    awaited = null; // {canvas, selected}: what was selected before an answer that lacks it so far
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
    chat = ""; // the conversation as JSON, which the history keeps beside the canvas
    hasBegun = false; // the chat that the browser kept is back

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
        omost.page.box(tab).addEventListener(
            "input", (event) => this.notice(event.isTrusted));
        this.stage.resize(omost.page.size(tab));
        this.render();
        if (!omost.page.text(tab)) omost.page.put(tab, omost.draft.kept(`${tab}_canvas`));
        this.notice();
        this.history = new omost.History(); // that the draft came back is nobody's doing
        this.tools.render();
    }

    // What somebody does in the editor

    select(index) {
        this.awaited = null;
        if (index === this.selected) return;
        this.selected = index;
        // An answer stays one step, whatever is looked at while it is written.
        if (!omost.page.composing(this.tab)) this.history.end();
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

    undo = () => this.#travel("undo");
    redo = () => this.#travel("redo");

    #state() {
        const {text, chat, selected} = this;
        return {text, chat, selected, canvas: this.isCurrent ? this.canvas : undefined};
    }

    // Go to the state before, or after; return whether there is one. While an answer is written
    // there is none yet, and the buttons say so.
    #travel(way) {
        this.notice();
        if (omost.page.composing(this.tab)) return false;
        const state = this.history[way](this.#state());
        if (!state) return false;
        const left = this.chat;
        this.chat = state.chat;
        this.#setText(state.text);
        this.own = this.version;
        // First the chat, as its box is looked at when the canvas's box tells of its change.
        if (left !== this.chat) omost.travel(this.tab, way, left, this.chat);
        omost.page.put(this.tab, state.text);
        this.#take(state.canvas, {selected: state.selected});
        this.ask(0);
        return true;
    }

    #write({text, canvas}) {
        this.#setText(text);
        this.own = this.version;
        omost.page.put(this.tab, text);
        this.#take(canvas, {edited: true});
    }

    // What changes elsewhere

    // Look at the text box and the chat: somebody typed, the model wrote, or a preset was loaded.
    // isTyped: the browser told of it, which it does of nothing that gradio puts into the box.
    notice(isTyped = false) {
        const text = omost.page.text(this.tab);
        const chat = this.hasBegun ? omost.page.chat(this.tab) : this.chat;
        if (text === this.text && chat === this.chat) return;
        // An answer's canvas grows bit by bit; its end comes at once with its turn in the chat.
        const answering = omost.page.composing(this.tab) || chat !== this.chat;
        const leap = !answering && (this.#isLeap(text) || !isTyped);
        if (leap) this.history.end();
        // That the kept chat's canvas comes into an empty box is nobody's doing.
        if (this.hasBegun || isTyped || this.text) {
            this.history.record(this.#state(), answering ? "answer" : "outside");
        }
        if (leap || chat !== this.chat) this.history.end();
        this.chat = chat;
        if (text === this.text) {
            this.tools.render();
            return;
        }
        this.#setText(text);
        this.marks.clear();
        this.#take(text.trim() ? undefined : null);
        this.ask(answering ? 0 : omost.Editor.TYPING);
    }

    // A change that is more than the next letters of somebody who types.
    #isLeap(text) {
        const now = Date.now();
        const pause = now - this.lastOutside > omost.Editor.STEP;
        this.lastOutside = now;
        const changed = Math.max(omost.lost(this.text, text), omost.lost(text, this.text));
        if (pause) this.history.end();
        return changed > omost.Editor.WORD;
    }

    // The chat that the browser kept is back; past: what was before, oldest first, each how many
    // turns the chat had and the canvas's text.
    begin(chat, past) {
        const states = past.map(([count, text]) => ({
            text, canvas: undefined, chat: omost.chatAfter(chat, count), selected: null,
        }));
        this.history.begin(states, chat);
        this.chat = chat;
        this.hasBegun = true;
        this.tools.render();
    }

    // The page's settings and the picture's size, which tell nobody when they change. Asked for
    // while the editor is seen.
    watch() {
        this.stage.resize(omost.page.size(this.tab));
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

    // Show a canvas; undefined: the former one, until it is known what the text holds. edited: the
    // editor itself says which region is selected; else the same region stays selected, and where
    // it is gone that of the position `selected`.
    #take(canvas, {isCurrent = canvas !== undefined, edited = false, selected = null} = {}) {
        this.isCurrent = isCurrent;
        this.isBroken = false;
        if (canvas !== undefined) {
            if (!edited) this.selected = this.#sameRegion(canvas) ?? selected;
            this.canvas = canvas;
        }
        this.stage.cancel();
        this.list.cancel();
        this.#clamp();
        this.render();
    }

    // Where the selected region is in another canvas, null for nowhere. An answer that is being
    // written may come to it later.
    #sameRegion(canvas) {
        const from = this.awaited ?? {canvas: this.canvas, selected: this.selected};
        if (from.selected === null || !from.canvas) return null;
        const index = canvas && omost.regions.found(from.canvas, from.selected, canvas);
        this.awaited = index === null && omost.page.composing(this.tab) ? from : null;
        return index;
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
        if (!this.isCurrent && canvas && id > this.own) this.#take(canvas, {isCurrent: id === this.version});
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

    // The chat's Undo is the editor's; return what it has to say.
    function takeBack(tab) {
        const done = byTab[tab]?.undo();
        return `<p class="omost-status">${omost.say(done ? "taken_back" : "no_past")}</p>`;
    }

    const question = (tab) => [JSON.stringify(byTab[tab]?.question() ?? {id: -1, text: ""})];
    const read = (tab, reply) => byTab[tab]?.read(JSON.parse(reply));
    const counted = (tab, reply) => byTab[tab]?.counted(JSON.parse(reply));
    const of = (tab) => byTab[tab];

    return {mount, changed, takeBack, question, read, counted, of};
})();
