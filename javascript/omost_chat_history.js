// Undoes and redoes changes of the chat.
//
// The browser's history stores the conversation; the server renders its messages.

const omostChatHistory = (() => {
    /**
     * @typedef {object} Travel
     * @property {"undo" | "redo"} direction
     * @property {string | null} leftChat The chat before the first step, null if the server knows.
     * @property {boolean} isRunning The server renders a chat.
     * @property {boolean} isWaiting Another chat is to be rendered after that.
     */

    /** @type {Record<string, Travel>} */
    const travels = {};
    /** @param {string} tab */
    const travelOf = (tab) =>
        travels[tab] ??= {direction: "undo", leftChat: null, isRunning: false, isWaiting: false};

    /**
     * Shows another chat of the history. One request at a time, because gradio 3 drops an event that
     * comes while its handler runs.
     *
     * @param {string} tab
     * @param {"undo" | "redo"} direction
     * @param {string} leftChat The chat before this step.
     * @param {string} chat
     */
    function show(tab, direction, leftChat, chat) {
        const travel = travelOf(tab);
        travel.direction = direction;
        travel.leftChat ??= leftChat;
        omostHostPage.setChatText(tab, chat);
        travel.isWaiting = travel.isRunning;
        if (travel.isRunning) return;
        travel.isRunning = true;
        omostHostPage.element(tab, "travel")?.click();
    }

    /**
     * Returns the inputs of the handler that renders the chat.
     *
     * @param {string} tab
     */
    function inputs(tab) {
        const travel = travelOf(tab);
        const {direction, leftChat} = travel;
        travel.leftChat = null;
        return {
            ...omostChat.currentInputs(tab), chat: omostHostPage.chatText(tab),
            imported: JSON.stringify({direction, left_chat: leftChat ?? ""}),
        };
    }

    /**
     * Ends a step after the server has rendered its chat.
     *
     * @param {string} tab
     */
    function finish(tab) {
        const travel = travelOf(tab);
        travel.isRunning = false;
        if (travel.isWaiting && travel.leftChat !== null) {
            show(tab, travel.direction, travel.leftChat, omostHostPage.chatText(tab));
        }
    }

    return {show, inputs, finish};
})();
