// Generates pictures from the canvas: presses the host's buttons and shows how its job goes on.

const omostGeneration = (() => {
    /**
     * Presses the host's Generate, or its Interrupt.
     *
     * A click that arrives late does nothing: an Interrupt for a job that has just ended must not
     * start another one, and the second half of a double click must not queue a second job.
     *
     * @param {string} tab
     * @param {"generate" | "interrupt"} button
     */
    function press(tab, button) {
        if (omostHostPage.isPainting(tab) !== (button === "interrupt")) return;
        omostHostPage.find(`#${tab}_${button}`)?.click();
        setTimeout(() => render(tab), 50);
    }

    /**
     * Presses Interrupt while a job runs, else Generate.
     *
     * @param {string} tab
     */
    const toggle = (tab) => press(tab, omostHostPage.isPainting(tab) ? "interrupt" : "generate");

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
            if (event.target !== omostHostPage.requestBox(tab)) toggle(tab);
            else omostHostPage.element(tab, "compose_button")?.click();
        }, true);
    }

    return {press, toggle, render, listen};
})();
