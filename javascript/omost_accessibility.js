// Adds the names, roles and keys that gradio's elements lack for screen readers and keyboards.

const omostAccessibility = (() => {
    /**
     * Names both inputs of a slider like its label; gradio 3 names none, gradio 4 in English.
     *
     * @param {Element} label
     */
    function nameSlider(label) {
        const text = omostTexts.translate(label.textContent?.trim() ?? "");
        for (const input of label.closest(".block")?.querySelectorAll("input") ?? []) {
            input.setAttribute("aria-label", text);
        }
    }

    /**
     * Makes the header of a panel a button that keys can press; in gradio 3 it is a plain element.
     *
     * @param {HTMLElement} header
     */
    function makeButton(header) {
        const update = () =>
            header.setAttribute("aria-expanded", String(header.classList.contains("open")));
        header.setAttribute("role", "button");
        header.tabIndex = 0;
        header.addEventListener("click", () => setTimeout(update)); // after gradio's own change
        header.addEventListener("keydown", (event) => {
            if (event.target !== header || !["Enter", " "].includes(event.key)) return;
            event.preventDefault();
            header.click();
        });
        update();
    }

    /**
     * Names a small picture of gradio 3's gallery.
     *
     * @param {Element} button
     * @param {number} index
     */
    function nameThumbnail(button, index) {
        button.setAttribute("aria-label", omostTexts.format("picture", {number: index + 1}));
    }

    /** @type {[string, (element: any, index: number) => void][]} */
    const CHANGES = [
        [".head > label:not([data-named])", (label) => {
            label.setAttribute("data-named", "");
            nameSlider(label);
        }],
        // A host's accordion with a check box in its header stays as it is.
        ["div.label-wrap:not([role], .input-accordion > *)", makeButton],
        // gradio 4 makes answers buttons too, but only requests can be pressed.
        ["button[data-testid='bot']:not([role])", (answer) => answer.setAttribute("role", "group")],
        ["[data-testid='bot'] pre:not([tabindex])", (code) => code.setAttribute("tabindex", "0")],
        [".thumbnail-item:not([aria-label])", nameThumbnail],
        [".empty[aria-label]:not([role])", (empty) => empty.setAttribute("role", "img")],
    ];

    /**
     * Adds what the elements lack.
     *
     * @param {Element | null} root
     */
    function mend(root) {
        for (const [selector, change] of CHANGES) root?.querySelectorAll(selector).forEach(change);
    }

    /**
     * Adds what the elements lack, now and whenever elements are added.
     *
     * @param {Element | null} root
     */
    function watch(root) {
        if (!root) return;
        mend(root);
        new MutationObserver(() => mend(root)).observe(root, {childList: true, subtree: true});
    }

    return {mend, watch};
})();
