// Requests token counts of the chat from the server while the visitor types.

const omostTokenCounter = (() => {
    const DELAY = 400; // milliseconds without a change

    /** @type {Record<string, OmostRequestSender>} */
    const senders = {};
    /** @param {string} tab */
    const senderOf = (tab) => senders[tab] ??= new OmostRequestSender(
        () => omostHostPage.element(tab, "count")?.click());

    /**
     * Requests a count after a pause.
     *
     * @param {string} tab
     */
    const request = (tab) => senderOf(tab).request(DELAY);

    /**
     * Ends a count, and requests another one if something has changed since.
     *
     * @param {string} tab
     */
    function finish(tab) {
        if (senderOf(tab).finish()) request(tab);
    }

    return {request, finish};
})();
