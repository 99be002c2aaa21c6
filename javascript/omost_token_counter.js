// Requests token counts of the chat from the server while the visitor types.

const omostTokenCounter = (() => {
    const DELAY = 400; // milliseconds without a change

    /** @type {Record<string, {isCounting: boolean, isOutdated: boolean, timer: number}>} */
    const states = {};
    /** @param {string} tab */
    const stateOf = (tab) => states[tab] ??= {isCounting: false, isOutdated: false, timer: 0};

    /**
     * Asks for a count after a pause. One request at a time, because gradio 3 drops an event that
     * comes while its handler runs.
     *
     * @param {string} tab
     */
    function request(tab) {
        const state = stateOf(tab);
        clearTimeout(state.timer);
        state.timer = window.setTimeout(() => {
            state.isOutdated = state.isCounting;
            if (!state.isCounting) {
                state.isCounting = true;
                omostHostPage.element(tab, "count")?.click();
            }
        }, DELAY);
    }

    /**
     * Ends a count, and asks again if something has changed since.
     *
     * @param {string} tab
     */
    function finish(tab) {
        const state = stateOf(tab);
        state.isCounting = false;
        if (state.isOutdated) request(tab);
        state.isOutdated = false;
    }

    return {request, finish};
})();
