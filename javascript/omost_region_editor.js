// The region editor of one tab: picture area, list, form and toolbar of one canvas.
//
// Generate sends the text of the canvas box; the editor is a view of that text. An edit writes the
// box at once. The server parses every text and replies with its canvas, diagnostics and token
// counts.

/**
 * @typedef {{region: number, message: string}} RegionWarning About a region, counted from 1; 0 is the
 *     whole picture.
 *
 * @typedef {object} CanvasReading The reply of EditorAnswers.read in lib_omost/ui/editor_answers.py.
 * @property {number} id The version of the text that was read.
 * @property {Canvas | null} canvas Null if the text holds no canvas.
 * @property {Diagnostic[]} diagnostics
 * @property {RegionWarning[]} warnings
 *
 * @typedef {object} PastState A state of the page before it was loaded.
 * @property {number} turns The number of turns in the chat.
 * @property {string} canvas The text of the canvas box.
 */

class OmostRegionEditor {
    static TYPING_PAUSE = 300; // milliseconds without a change before the server reads the text
    static REPLY_TIMEOUT = 3000; // milliseconds without a reply before it gets the text again
    static STEP_PAUSE = 2000; // milliseconds between changes from elsewhere that are two steps
    static LEAP = 30; // characters: a larger replacement from elsewhere is a step of its own

    /** @type {Canvas | null} */
    canvas = null; // the last one that could be read
    isCurrent = true; // the canvas is that of the text
    isBroken = false; // the text holds no canvas
    text = "";
    /** @type {number[]} */
    selection = []; // the indices of the selected regions, none for the whole picture
    // The selection before an answer whose canvas lacks some of the regions so far.
    /** @type {{canvas: Canvas | null, selection: number[]} | null} */
    lostSelection = null;
    snap = true;
    /** @type {RegionWarning[]} */
    warnings = [];
    /** @type {TokenCounts | null} */
    tokenCounts = null;
    /** @type {string[]} */
    settingWarnings = [];
    encodingSettings = ""; // as JSON
    shownNotices = "";
    message = ""; // about the last action; the next change of canvas or selection removes it
    history = new OmostEditHistory();
    version = 0; // of the text; a reply to an older version is outdated
    editedVersion = 0; // the last version that was made in the editor
    lastOutsideChange = 0;
    chat = ""; // the conversation as JSON
    hasChat = false; // the stored chat is back

    /**
     * @param {string} tab
     * @param {HTMLElement} root
     */
    constructor(tab, root) {
        this.tab = tab;
        this.root = root;
        this.pictureArea = new OmostPictureArea(this);
        this.toolbar = new OmostEditorToolbar(this);
        this.actions = new OmostRegionActions(this);
        this.clipboard = new OmostRegionClipboard(this);
        this.layerBar = new OmostLayerBar(this);
        this.list = new OmostRegionList(this);
        this.form = new OmostRegionForm(this);
        this.diagnostics = new OmostCodeDiagnostics(tab);
        this.sender = new OmostRequestSender(
            () => omostHostPage.element(tab, "editor_ask")?.click(), OmostRegionEditor.REPLY_TIMEOUT);
        this.notices = omostCreateElement("div", {class: "omost-notices", "aria-live": "polite"});
        root.classList.add("omost-editor");
        root.setAttribute("role", "region");
        root.setAttribute("aria-label", omostTexts.format("editor"));
        const {view, status} = this.pictureArea;
        root.append(this.toolbar.bar,
            omostCreateElement("div", {class: "omost-picture"}, view.element, status,
                this.toolbar.view, omostCreateElement("p", {class: "omost-job", role: "status"})),
            omostCreateElement("div", {class: "omost-side"}, this.notices, this.layerBar.element,
                this.list.element, this.form.element));
        root.addEventListener("keydown", (event) => this.#handleKey(event));
        omostHostPage.canvasBox(tab)?.addEventListener("input", (event) => this.readPage(event.isTrusted));
        this.pictureArea.setAspect(omostHostPage.pictureSize(tab));
        this.render();
        if (!omostHostPage.canvasText(tab)) {
            omostHostPage.setCanvasText(tab, omostStorage.load(`${tab}_canvas`) ?? "");
        }
        this.readPage();
        this.history = new OmostEditHistory(); // restoring the draft is no step
        this.toolbar.render();
    }

    /** The index of the region selected last, whose fields are shown; null for the whole picture. */
    get selected() {
        return this.selection.at(-1) ?? null;
    }

    /** The indices of the selected regions that are not locked. */
    get editable() {
        return this.selection.filter((index) =>
            this.canvas && !omostLayers.isLocked(this.canvas.regions[index]));
    }

    // Edits by the visitor

    /** @param {number | null} index */
    select(index) {
        this.selectAll(index === null ? [] : [index]);
    }

    /**
     * Adds a region to the selected ones, or removes it from them.
     *
     * @param {number} index
     */
    toggleSelected(index) {
        const others = this.selection.filter((selected) => selected !== index);
        this.selectAll(this.selection.includes(index) ? others : [...others, index]);
    }

    /** @param {number[]} indices The last one's fields are shown. */
    selectAll(indices) {
        this.lostSelection = null;
        if (indices.join() === this.selection.join()) return;
        this.selection = indices;
        this.message = "";
        // An answer stays one step even if the selection changes while it is written.
        if (!omostHostPage.isComposing(this.tab)) this.history.endStep();
        this.render();
        if (this.selected !== null) this.pictureArea.reveal(this.selected);
    }

    /** @param {boolean} isDrawing The next drag draws a region even over other regions. */
    setDrawing(isDrawing) {
        this.pictureArea.setDrawing(isDrawing);
        this.toolbar.render();
    }

    /** @param {Placement} placement Of the new region, whose description gets the focus. */
    add(placement) {
        this.edit((canvas) => omostCanvasEdits.addRegion(canvas, placement));
        this.select((this.canvas?.regions.length ?? 0) - 1);
        const field = /** @type {HTMLElement | null} */ (
            this.form.element.querySelector('[data-field="description"] textarea'));
        // The browser's own scrolling might move the box out of sight.
        field?.focus({preventScroll: true});
        field?.scrollIntoView({block: "nearest"});
    }

    /**
     * Shows a sentence until the canvas or the selection changes.
     *
     * @param {string} name
     * @param {Record<string, unknown>} values
     */
    showMessage(name, values = {}) {
        this.message = omostTexts.format(name, values);
        this.#renderNotices();
    }

    /** @param {boolean} snap Drags use named places instead of free boxes. */
    setSnap(snap) {
        this.snap = snap;
        this.render();
    }

    /**
     * Changes the canvas. Successive changes with one tag are one step of the history.
     *
     * @param {(canvas: Canvas) => Canvas} change
     * @param {string | null} tag
     */
    edit(change, tag = null) {
        this.readPage();
        const before = this.canvas ?? omostCanvasEdits.emptyCanvas();
        const after = change(before);
        if (after === before) return;
        this.message = "";
        this.history.record(this.#state(), tag);
        const text = omostCanvasCode.write(after);
        this.#setText(text);
        this.editedVersion = this.version;
        omostHostPage.setCanvasText(this.tab, text);
        this.#setCanvas(after, {isEdit: true});
        this.requestReading();
    }

    /**
     * Makes the new last picture a step, which undo takes back.
     *
     * @param {string} former The address of the picture before.
     */
    recordPicture(former) {
        this.readPage();
        this.history.record({...this.#state(), picture: former});
        this.toolbar.render();
    }

    undo() {
        return this.#travel("undo");
    }

    redo() {
        return this.#travel("redo");
    }

    /** @returns {EditorState} */
    #state() {
        const {text, chat, selection} = this;
        return {text, chat, selection, canvas: this.isCurrent ? this.canvas : undefined};
    }

    /**
     * Goes to the state before or after; returns false if there is none, or while an answer is
     * being written.
     *
     * @param {"undo" | "redo"} direction
     */
    #travel(direction) {
        this.readPage();
        if (omostHostPage.isComposing(this.tab)) return false;
        const {backdrop} = this.pictureArea;
        const present = {...this.#state(), picture: backdrop.lastPicture};
        const state = this.history[direction](present);
        if (!state) return false;
        if (state.picture) backdrop.restore(state.picture);
        const leftChat = this.chat;
        this.chat = state.chat;
        this.#setText(state.text);
        this.editedVersion = this.version;
        // The chat first, because a change of the canvas box makes the editor read the chat.
        if (leftChat !== this.chat) {
            omostChatHistory.show(this.tab, direction, leftChat, this.chat);
        }
        omostHostPage.setCanvasText(this.tab, state.text);
        this.#setCanvas(state.canvas, {selection: state.selection});
        this.requestReading(0);
        return true;
    }

    // Changes from elsewhere

    /**
     * Reads the canvas box and the chat: somebody typed, the model wrote, or a preset was loaded.
     *
     * @param {boolean} isTyped The browser sent the event, which it does not for gradio's changes.
     */
    readPage(isTyped = false) {
        const text = omostHostPage.canvasText(this.tab);
        const chat = this.hasChat ? omostHostPage.chatText(this.tab) : this.chat;
        if (text === this.text && chat === this.chat) return;
        // The canvas of an answer grows bit by bit; its last part comes with its turn in the chat.
        const isAnswer = omostHostPage.isComposing(this.tab) || chat !== this.chat;
        const isLeap = !isAnswer && (this.#isLeap(text) || !isTyped);
        if (isLeap) this.history.endStep();
        // Restoring the stored chat's canvas into an empty box is no step.
        if (this.hasChat || isTyped || this.text) {
            this.history.record(this.#state(), isAnswer ? "answer" : "outside");
        }
        if (isLeap || chat !== this.chat) this.history.endStep();
        this.chat = chat;
        if (text === this.text) {
            this.toolbar.render();
            return;
        }
        this.#setText(text);
        this.diagnostics.clearMarks();
        this.#setCanvas(text.trim() ? undefined : null);
        this.requestReading(isAnswer ? 0 : OmostRegionEditor.TYPING_PAUSE);
    }

    /**
     * Tells whether a text differs by more than the next letters of somebody who types.
     *
     * @param {string} text
     */
    #isLeap(text) {
        const now = Date.now();
        const isNewStep = now - this.lastOutsideChange > OmostRegionEditor.STEP_PAUSE;
        this.lastOutsideChange = now;
        if (isNewStep) this.history.endStep();
        const changed = Math.max(OmostEditHistory.countReplaced(this.text, text),
            OmostEditHistory.countReplaced(text, this.text));
        return changed > OmostRegionEditor.LEAP;
    }

    /**
     * Adds the states before the page was loaded, once the stored chat is back.
     *
     * @param {string} chat
     * @param {PastState[]} past The oldest first.
     */
    beginHistory(chat, past) {
        const states = past.map(({turns, canvas}) => ({
            text: canvas, canvas: undefined, chat: omostChat.firstTurns(chat, turns), selection: [],
        }));
        this.history.prepend(states, chat);
        this.chat = chat;
        this.hasChat = true;
        this.toolbar.render();
    }

    /** Reads the settings and the picture's size, which send no events when they change. */
    readSettings() {
        this.pictureArea.setAspect(omostHostPage.pictureSize(this.tab));
        const settingWarnings = omostHostPage.settingWarnings(this.tab);
        if (settingWarnings.join() !== this.settingWarnings.join()) {
            this.settingWarnings = settingWarnings;
            this.#renderNotices();
        }
        const settings = JSON.stringify(omostHostPage.encodingSettings(this.tab));
        if (settings !== this.encodingSettings) this.requestReading(); // also at the first reading
        this.encodingSettings = settings;
        this.toolbar.update();
        this.pictureArea.backdrop.update();
        omostGeneration.render(this.tab);
    }

    /** @param {string} text */
    #setText(text) {
        this.text = text;
        this.version++;
        omostStorage.save(`${this.tab}_canvas`, text);
    }

    /**
     * Shows a canvas.
     *
     * @param {Canvas | null | undefined} canvas Undefined keeps the former one until the server has
     *     read the text.
     * @param {object} options
     * @param {boolean} [options.isCurrent] It is the canvas of the present text.
     * @param {boolean} [options.isEdit] The editor made it, so the selection stays.
     * @param {number[]} [options.selection] The selection if the selected regions are gone.
     */
    #setCanvas(canvas, {isCurrent = canvas !== undefined, isEdit = false, selection = []} = {}) {
        this.isCurrent = isCurrent;
        this.isBroken = false;
        if (canvas !== undefined) this.canvas = isEdit ? canvas : this.#follow(canvas, selection);
        this.pictureArea.cancelDrag();
        this.list.cancelDrag();
        this.#limitSelection();
        this.render();
    }

    /**
     * Selects the same regions in a canvas that the editor did not make; returns it with the locks of
     * the regions. An answer that is being written may still add regions that are gone.
     *
     * @param {Canvas | null} canvas
     * @param {number[]} otherwise The selection if all selected regions are gone.
     */
    #follow(canvas, otherwise) {
        const from = this.lostSelection ?? {canvas: this.canvas, selection: this.selection};
        const pairs = from.canvas && canvas
            ? omostRegionTracking.pairRegions(from.canvas, canvas) : new Map();
        const found = from.selection.filter((index) => pairs.has(index));
        const isLost = found.length < from.selection.length;
        this.lostSelection = isLost && omostHostPage.isComposing(this.tab) ? from : null;
        this.selection = found.length ? found.map((index) => pairs.get(index)) : otherwise;
        return canvas && omostLayers.carryLocks(from.canvas, canvas, pairs);
    }

    #limitSelection() {
        const last = (this.canvas?.regions.length ?? 0) - 1;
        const existing = this.selection.filter((index) => index <= last);
        if (existing.length === this.selection.length) return;
        this.selection = existing.length || last < 0 ? existing : [last];
    }

    // The server

    /** @param {number} delay In milliseconds. */
    requestReading(delay = OmostRegionEditor.TYPING_PAUSE) {
        this.sender.request(delay);
    }

    /** Returns the fields of EditorQuestion in lib_omost/ui/editor_answers.py. */
    question() {
        const {pasted} = this.clipboard;
        const asked = pasted === null ? {id: this.version, text: this.text}
            : {id: OmostRegionClipboard.QUESTION, text: pasted};
        return {...asked, ...omostHostPage.encodingSettings(this.tab)};
    }

    /** @param {CanvasReading} reading */
    showReading({id, canvas, diagnostics, warnings}) {
        if (id === OmostRegionClipboard.QUESTION) {
            this.sender.finish();
            this.clipboard.insert(canvas);
            this.requestReading();
            return;
        }
        const isLatest = id === this.version;
        if (this.sender.finish() || !isLatest) this.requestReading(50);
        // An older state of a growing text is worth showing, but it must not replace an edit.
        if (!this.isCurrent && canvas && id >= this.editedVersion) {
            this.#setCanvas(canvas, {isCurrent: isLatest});
        }
        if (!isLatest) return;
        this.warnings = warnings;
        this.diagnostics.render(diagnostics);
        this.isBroken = !canvas && Boolean(this.text.trim());
        this.list.render();
        this.#renderNotices();
    }

    /** @param {TokenCounts} counts */
    showTokenCounts(counts) {
        if (counts.id !== this.version) return;
        this.tokenCounts = counts.parts ? counts : null;
        this.form.renderTokens();
        this.#renderNotices();
    }

    // The view

    render() {
        this.toolbar.render();
        this.pictureArea.render();
        this.layerBar.render();
        this.list.render();
        this.form.render();
        this.#renderNotices();
    }

    #renderNotices() {
        const number = this.selected === null ? 0 : this.selected + 1;
        const messages = [
            ...(this.message ? [this.message] : []),
            ...(this.isBroken && this.canvas ? [omostTexts.format("stale")] : []),
            ...(this.canvas ? this.settingWarnings.map((name) => omostTexts.format(name)) : []),
            ...this.warnings.filter(({region}) => !region || region === number)
                .map(({message}) => message),
            ...(this.tokenCounts?.problem ? [this.tokenCounts.problem] : []),
        ];
        this.root.classList.toggle("omost-stale", this.isBroken);
        if (messages.join("\n") === this.shownNotices) return;
        this.shownNotices = messages.join("\n");
        this.notices.replaceChildren(...messages.map((text) =>
            omostCreateElement("p", {class: "omost-warning"}, text)));
    }

    /** @param {KeyboardEvent} event */
    #handleKey(event) {
        const target = /** @type {HTMLElement} */ (event.target);
        if (target.matches("input:not([type=checkbox], [type=range]), textarea, select")) return;
        const key = event.key.toLowerCase();
        /** @type {Record<string, () => unknown>} */
        const actions = event.ctrlKey || event.metaKey
            ? {
                z: () => (event.shiftKey ? this.redo() : this.undo()), y: () => this.redo(),
                d: () => this.actions.duplicate(), a: () => this.actions.selectVisible(),
            }
            : {
                delete: () => this.actions.remove(), backspace: () => this.actions.remove(),
                "]": () => this.actions.moveByRank(1), "[": () => this.actions.moveByRank(-1),
                "+": () => this.pictureArea.view.step(1), "-": () => this.pictureArea.view.step(-1),
                0: () => this.pictureArea.view.setZoom(1),
            };
        if (!actions[key] || event.altKey) return;
        actions[key]();
        event.preventDefault();
        event.stopPropagation();
    }
}
