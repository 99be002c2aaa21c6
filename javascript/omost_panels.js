// Refreshes the content of a panel when it opens.

const omostPanels = (() => {
    /**
     * Presses the hidden button that reads a panel's content again whenever the panel opens.
     *
     * @param {string} tab
     * @param {string} panel
     * @param {string} button
     */
    function refreshWhenOpened(tab, panel, button) {
        const label = omostHostPage.element(tab, panel)?.querySelector(".label-wrap");
        label?.addEventListener("click", () => omostHostPage.element(tab, button)?.click());
    }

    return {refreshWhenOpened};
})();
