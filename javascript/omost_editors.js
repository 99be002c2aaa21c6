// Creates the region editor of each tab and connects it to gradio's events.
//
// lib_omost/ui/editor_panel.py binds the functions of this file to the events.

const omostEditors = (() => {
    const POLL = 500; // milliseconds between two readings of the page's settings
    /** @type {Record<string, OmostRegionEditor>} */
    const editors = {};

    /**
     * Builds the editor of a tab from its element in the page.
     *
     * @param {string} tab
     */
    function mount(tab) {
        const root = omostHostPage.element(tab, "editor");
        if (!root) return;
        Object.assign(omostServerData, JSON.parse(root.dataset.server ?? "{}"));
        if (!omostHostPage.canvasBox(tab)) return;
        const editor = new OmostRegionEditor(tab, root);
        editors[tab] = editor;
        setInterval(() => root.offsetParent && editor.readSettings(), POLL);
    }

    /**
     * Reads the canvas box and the chat after gradio reported a change. The timeout is necessary
     * because gradio updates the page only after this call.
     * Returns nothing, because gradio would take a result for the outputs' values.
     *
     * @param {string} tab
     */
    function handleChange(tab) {
        setTimeout(() => editors[tab]?.readPage());
    }

    /**
     * Undoes the last step for the chat's button; returns the status line as HTML.
     *
     * @param {string} tab
     */
    function undo(tab) {
        return omostTexts.statusHtml(editors[tab]?.undo() ? "taken_back" : "no_past");
    }

    /**
     * Returns the editor's request to the server as the only input of its handlers.
     *
     * @param {string} tab
     */
    const question = (tab) => [JSON.stringify(editors[tab]?.question() ?? {id: -1, text: ""})];

    /**
     * @param {string} tab
     * @param {string} reply A CanvasReading as JSON.
     */
    const showReading = (tab, reply) => editors[tab]?.showReading(JSON.parse(reply));

    /**
     * @param {string} tab
     * @param {string} reply A TokenCounts as JSON.
     */
    const showTokenCounts = (tab, reply) => editors[tab]?.showTokenCounts(JSON.parse(reply));

    /** @param {string} tab */
    const get = (tab) => editors[tab];

    return {mount, handleChange, undo, question, showReading, showTokenCounts, get};
})();
