// Copies texts to the clipboard.

const omostClipboard = (() => {
    /**
     * Copies a text in a page without HTTPS, where browsers have no `navigator.clipboard`.
     *
     * @param {string} text
     */
    function copySelection(text) {
        const box = document.createElement("textarea");
        box.value = text;
        document.body.append(box);
        box.select();
        const isCopied = document.execCommand("copy");
        box.remove();
        return isCopied;
    }

    /**
     * Copies a text; returns whether the browser allowed it.
     *
     * @param {string} text
     */
    async function copy(text) {
        try {
            await navigator.clipboard.writeText(text);
            return true;
        } catch {
            return copySelection(text);
        }
    }

    return {copy};
})();
