// Stores, restores and exports the chat of each tab in the browser.
//
// A chat is the conversation and the request that is being typed. The server stores nothing of a
// visitor. lib_omost/ui/chat_panel.py binds these functions to gradio's events.

const omostChat = (() => {
    const RESTORE_TRIES = 20; // once a second
    const HISTORY_TRIES = 50; // every 20 milliseconds

    /**
     * @typedef {object} ChatState
     * @property {boolean} isRestored The stored chat is back, so the page's values may replace it.
     * @property {boolean} isRequested The server was asked to show the stored chat.
     * @property {string} sentChat The stored chat that was sent to the server.
     */

    /** @type {Record<string, ChatState>} */
    const states = {};
    /** @param {string} tab */
    const stateOf = (tab) =>
        states[tab] ??= {isRestored: false, isRequested: false, sentChat: ""};

    /**
     * Returns the stored values of a tab. If they are not valid JSON, the text counts as the chat, so
     * that the server explains why it cannot be read.
     *
     * @param {string} tab
     * @returns {Record<string, unknown>}
     */
    function storedValues(tab) {
        const text = omostStorage.load(tab);
        if (text === null) return {};
        try {
            const values = JSON.parse(text);
            if (values && typeof values === "object") return values;
        } catch (error) {
            console.warn("Omost: the stored chat is not valid JSON:", error);
        }
        return {chat: text};
    }

    /**
     * @param {string} tab
     * @param {Record<string, unknown>} values Replace the stored values of their names.
     */
    const store = (tab, values) =>
        omostStorage.save(tab, JSON.stringify({...storedValues(tab), ...values}));

    /**
     * Stores an input that has changed. Before the stored chat is back, the page's own empty boxes
     * must not replace it.
     *
     * @param {string} tab
     * @param {string} name
     * @param {string | null} value
     */
    function save(tab, name, value) {
        if (stateOf(tab).isRestored) store(tab, {[name]: value ?? ""});
        if (name === "chat") omostEditors.handleChange(tab);
        if (name !== "server_model") omostTokenCounter.request(tab);
    }

    /**
     * Replaces the inputs of the handler that restores the chat by the stored values.
     *
     * @param {string} tab
     * @param {Record<string, unknown>} inputs
     */
    function restoreInputs(tab, inputs) {
        stateOf(tab).isRequested = true;
        /** @type {Record<string, unknown>} */
        const restored = {};
        for (const [name, value] of Object.entries(storedValues(tab))) {
            if (typeof value !== "string" || !value) continue;
            if (name === "request") restoreRequest(tab, value);
            else if (omostServerData.stored_inputs.includes(name)) restored[name] = value;
        }
        stateOf(tab).sentChat = String(restored.chat ?? inputs.chat ?? "");
        // gradio may not know yet that the draft of the canvas is back.
        return {...restored, canvas: inputs.canvas || omostHostPage.canvasText(tab)};
    }

    /**
     * Restores the request. A request that was typed while the page was loading stays.
     *
     * @param {string} tab
     * @param {string} request
     */
    function restoreRequest(tab, request) {
        const box = omostHostPage.requestBox(tab);
        if (!box?.value) omostHostPage.fill(box, request);
    }

    /**
     * Ends the restoring. A chat that the server could not read is stored under another name.
     *
     * @param {string} tab
     * @param {string} chat The chat as the server returned it, "" if it could not be read.
     * @param {string} past The states before the page was loaded, as JSON.
     */
    function finishRestore(tab, chat, past) {
        const {sentChat} = stateOf(tab);
        beginHistory(tab, chat, JSON.parse(past || "[]"));
        if (sentChat && !chat) {
            omostStorage.save(`${tab}_unreadable`, sentChat);
            store(tab, {chat: ""});
        }
        stateOf(tab).isRestored = true;
    }

    /**
     * Begins the history once the page shows the chat; gradio may report the chat earlier.
     *
     * @param {string} tab
     * @param {string} chat
     * @param {PastState[]} past
     */
    function beginHistory(tab, chat, past, tries = HISTORY_TRIES) {
        if (tries && omostHostPage.chatText(tab) !== chat) {
            setTimeout(() => beginHistory(tab, chat, past, tries - 1), 20);
        } else {
            omostEditors.get(tab)?.beginHistory(chat, past);
        }
    }

    /**
     * Replaces the canvas by the text of its box, which gradio 4 may hand over in an older version.
     *
     * @param {string} tab
     */
    const currentInputs = (tab) => ({canvas: omostHostPage.canvasText(tab)});

    /**
     * Replaces the input `imported` by the prompt; the request that is being typed stays.
     *
     * @param {string} tab
     */
    const promptInputs = (tab) => ({imported: omostHostPage.promptText(tab)});

    /**
     * Downloads the chat; returns the status line as HTML.
     *
     * @param {string} tab
     * @param {string} chat
     */
    function exportChat(tab, chat) {
        if (!chat) return omostTexts.statusHtml("no_chat");
        omostFiles.download(chat, `omost-chat-${new Date().toISOString().slice(0, 10)}.json`);
        return omostTexts.statusHtml("chat_exported");
    }

    /**
     * Returns a conversation as it was after its first turns.
     *
     * @param {string} chat The conversation as JSON.
     * @param {number} count The number of turns.
     */
    function firstTurns(chat, count) {
        if (!count) return "";
        const conversation = JSON.parse(chat);
        return count === conversation.turns.length
            ? chat : JSON.stringify({...conversation, turns: conversation.turns.slice(0, count)});
    }

    /**
     * Asks the server to show the stored chat. gradio may not listen yet when the page is ready. A
     * second request after an answer would undo what the visitor did in between.
     *
     * @param {string} tab
     */
    function requestRestore(tab, tries = RESTORE_TRIES) {
        if (!tries || stateOf(tab).isRequested) return;
        omostHostPage.element(tab, "restore")?.click();
        setTimeout(() => requestRestore(tab, tries - 1), 1000);
    }

    /**
     * Ignores Enter in the request box while the button Compose is disabled, for instance before the
     * stored chat is back.
     *
     * @param {string} tab
     */
    function guardEnterKey(tab) {
        omostHostPage.element(tab, "request")?.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" || event.shiftKey) return;
            const button = omostHostPage.element(tab, "compose_button");
            if (!(/** @type {HTMLButtonElement | null} */ (button)?.disabled)) return;
            event.preventDefault();
            event.stopPropagation();
        }, true);
    }

    return {save, restoreInputs, finishRestore, currentInputs, promptInputs, exportChat, firstTurns,
        requestRestore, guardEnterKey};
})();
