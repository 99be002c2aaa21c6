// Stores the chat, the canvas draft and the prompts in the browser.

const omostStorage = (() => {
    /** @param {string} name */
    const key = (name) => `omost_${name}`;

    /**
     * Stores a text. A browser may forbid its storage, or the storage may be full.
     *
     * @param {string} name
     * @param {string} text
     */
    function save(name, text) {
        try {
            localStorage.setItem(key(name), text);
        } catch (error) {
            console.warn("Omost: the browser does not store the text:", error);
        }
    }

    /**
     * Returns a stored text, null if the browser has none or forbids its storage.
     *
     * @param {string} name
     * @returns {string | null}
     */
    function load(name) {
        try {
            return localStorage.getItem(key(name));
        } catch (error) {
            console.warn("Omost: the browser's storage cannot be read:", error);
            return null;
        }
    }

    return {save, load};
})();
