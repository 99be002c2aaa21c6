// Translates the stand-alone page in the browser, as both hosts translate theirs.
//
// The texts of the server's answers are in the visitor's language already.

const omostPageTranslation = (() => {
    const ATTRIBUTES = ["title", "placeholder", "aria-label"];
    // The editor translates its texts itself. The rest is what visitors and models wrote.
    const LEFT_ALONE = "script, style, textarea, .omost-editor, .message, .omost-infotext";

    /** @param {string} text */
    const translation = (text) => {
        const key = text.trim();
        const texts = window.localization ?? {};
        return Object.hasOwn(texts, key) ? texts[key] : undefined;
    };

    /** @param {Node} node */
    function translateText(node) {
        const translated = translation(node.textContent ?? "");
        if (translated !== undefined && translated !== node.textContent) node.textContent = translated;
    }

    /** @param {Element} element */
    function translateAttributes(element) {
        for (const name of ATTRIBUTES) {
            const text = element.getAttribute(name);
            const translated = text ? translation(text) : undefined;
            if (translated !== undefined && translated !== text) element.setAttribute(name, translated);
        }
    }

    /** @param {Node} node */
    function translate(node) {
        const element = node instanceof Element ? node : node.parentElement;
        if (!element || element.closest(LEFT_ALONE)?.matches(":not(textarea)")) return;
        if (node instanceof Text) translateText(node);
        if (!(node instanceof Element)) return;
        translateAttributes(node);
        node.childNodes.forEach(translate);
    }

    /**
     * Translates the page now and whenever gradio changes it.
     *
     * @param {{language: string, texts: Record<string, string>}} chosen The visitor's language.
     */
    function start({language, texts}) {
        document.documentElement.lang = language;
        window.localization = texts;
        if (!Object.keys(texts).length) return;
        translate(document.body);
        new MutationObserver((changes) => changes.forEach(({target, addedNodes}) => {
            if (addedNodes.length) addedNodes.forEach(translate);
            else if (target instanceof Element) translateAttributes(target);
            else translate(target);
        })).observe(document.body, {childList: true, subtree: true, characterData: true,
            attributes: true, attributeFilter: ATTRIBUTES});
    }

    return {start};
})();
