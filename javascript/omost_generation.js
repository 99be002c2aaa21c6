// Generates pictures from the canvas: presses the host's buttons and shows how its job goes on.

const omostGeneration = (() => {
    /**
     * Presses the host's Generate, or its Interrupt while a picture is sampled.
     *
     * @param {string} tab
     */
    function press(tab) {
        omostHostPage.generateButton(tab)?.click();
        setTimeout(() => render(tab), 50);
    }

    /**
     * Shows whether a job is running, and its progress or error.
     *
     * @param {string} tab
     */
    function render(tab) {
        const isPainting = omostHostPage.isPainting(tab);
        omostHostPage.element(tab, "workplace")?.classList.toggle("omost-painting", isPainting);
        const line = omostHostPage.element(tab, "editor")?.querySelector(".omost-job");
        const text = omostHostPage.jobText(tab);
        if (line && line.textContent !== text) line.textContent = text;
    }

    /**
     * Generates by Ctrl+Enter; in the request box the same keys compose. The hosts generate by these
     * keys too, therefore they must not get the event.
     *
     * @param {string} tab
     */
    function listen(tab) {
        omostHostPage.element(tab, "workplace")?.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            event.stopPropagation();
            if (event.target !== omostHostPage.requestBox(tab)) press(tab);
            else omostHostPage.element(tab, "compose_button")?.click();
        }, true);
    }

    return {press, render, listen};
})();
