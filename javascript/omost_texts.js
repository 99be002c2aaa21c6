// Formats the page's texts in the visitor's language.
//
// Both hosts store a language as an object from whole English texts to translations. They translate
// text nodes that are added to the page, but neither texts with values filled in nor the tooltips
// of added elements.

const omostTexts = (() => {
    /** @param {string} text */
    const translate = (text) => window.localization?.[text] || text;

    /**
     * Returns one of the texts of lib_omost/ui/texts.py with its values filled in.
     *
     * @param {string} name
     * @param {Record<string, unknown>} values
     */
    const format = (name, values = {}) => translate(omostServerData.texts[name])
        .replace(/\{(\w+)\}/g, (_, key) => String(values[key]));

    /**
     * Returns a text as the HTML of a status line.
     *
     * @param {string} name
     */
    const statusHtml = (name) => `<p class="omost-status">${format(name)}</p>`;

    /**
     * Translates tooltips and placeholders of a tab. The hosts add them after they translate.
     *
     * @param {string} tab
     */
    function translateHints(tab) {
        for (const name of ["title", "placeholder"]) {
            for (const element of gradioApp().querySelectorAll(`#omost_${tab} [${name}]`)) {
                const text = element.getAttribute(name);
                if (text) element.setAttribute(name, translate(text));
            }
        }
    }

    return {translate, format, statusHtml, translateHints};
})();
