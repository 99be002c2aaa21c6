// Leaves the thinking of an answer open once the visitor has opened it.
//
// gradio replaces the messages of a growing chat several times a second, which would fold it again.

const omostChatThinking = (() => {
    const SELECTOR = "details.omost-thinking";

    /** @param {string} tab */
    function watch(tab) {
        const panel = omostHostPage.element(tab, "compose");
        if (!panel) return;
        /** @type {Set<number>} */
        const opened = new Set();
        const list = () => [...panel.querySelectorAll(SELECTOR)];
        panel.addEventListener("click", (event) => {
            const summary = event.target instanceof Element && event.target.closest("summary");
            const details = summary && summary.closest(SELECTOR);
            if (!(details instanceof HTMLDetailsElement)) return;
            // The browser changes the state after this event.
            const number = list().indexOf(details);
            if (details.open) opened.delete(number);
            else opened.add(number);
        });
        const changes = {childList: true, subtree: true, characterData: true};
        new MutationObserver(() => {
            list().forEach((details, number) => {
                const isOpened = opened.has(number);
                if (details instanceof HTMLDetailsElement && details.open !== isOpened) {
                    details.open = isOpened;
                }
            });
        }).observe(panel, changes);
    }

    return {watch};
})();
