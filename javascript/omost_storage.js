// Stores the chat, the canvas draft and other values in the browser.
//
// Each browser tab has its own values, which survive a reload. A new tab begins with those that any
// tab stored last.

const omostStorage = (() => {
    /** @param {string} name */
    const key = (name) => `omost_${name}`;

    /**
     * Uses a storage. A browser may forbid it, or it may be full.
     *
     * @template T
     * @param {() => T} use
     * @returns {T | null}
     */
    function attempt(use) {
        try {
            return use();
        } catch (error) {
            console.warn("Omost: the browser's storage cannot be used:", error);
            return null;
        }
    }

    /**
     * Stores a text for this tab and for new ones.
     *
     * @param {string} name
     * @param {string} text
     */
    function save(name, text) {
        saveInTab(name, text);
        attempt(() => localStorage.setItem(key(name), text));
    }

    /**
     * Stores a text for this tab only.
     *
     * @param {string} name
     * @param {string} text
     */
    function saveInTab(name, text) {
        attempt(() => sessionStorage.setItem(key(name), text));
    }

    /**
     * Returns the text of this tab, null if it has none or the browser forbids its storage.
     *
     * @param {string} name
     */
    const loadInTab = (name) => attempt(() => sessionStorage.getItem(key(name)));

    /**
     * Returns a stored text of this tab or else of another one; null if there is none.
     *
     * @param {string} name
     */
    const load = (name) => loadInTab(name) ?? attempt(() => localStorage.getItem(key(name)));

    return {save, load, saveInTab, loadInTab};
})();
