// Scrolls a growing chat to its end, unless the visitor has scrolled up.
//
// gradio scrolls too, but gives up when more than 100 pixels are added at once, and in gradio 3 its
// change event never ends.

const omostChatScroll = (() => {
    /** @type {Record<string, {end: number, requests: number}>} */
    const states = {};

    /** @param {string} tab */
    function watch(tab) {
        const panel = omostHostPage.element(tab, "compose");
        if (!panel) return;
        states[tab] = {end: 0, requests: 0};
        const changes = {childList: true, subtree: true, characterData: true};
        new MutationObserver(() => follow(tab)).observe(panel, changes);
    }

    /** @param {string} tab */
    function follow(tab) {
        const messages = omostHostPage.element(tab, "messages");
        const box = messages?.querySelector(".message-wrap")?.parentElement;
        if (!box) return;
        const state = states[tab];
        const end = box.scrollHeight - box.clientHeight;
        const requests = box.querySelectorAll(".message.user").length;
        const isScrolledUp = box.scrollTop < Math.min(state.end, end) - 1;
        if (isScrolledUp && requests === state.requests) return;
        Object.assign(state, {end, requests});
        box.scrollTop = end;
    }

    return {watch};
})();
