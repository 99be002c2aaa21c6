// Updates the page after each job of the host.
//
// The state of the language model is read again, because a picture may unload the model. If the job
// ended because it has no canvas, its message gets a button that composes one from the prompt.

const omostJobResults = (() => {
    const QUIET = 300; // milliseconds without a change before the results are read
    /** @type {Record<string, string>} */
    const knownResults = {};

    /** @param {string} tab */
    function currentResults(tab) {
        return [...omostHostPage.pictures(tab), omostHostPage.jobLog(tab)?.textContent].join("\n");
    }

    /** @param {string} tab */
    function check(tab) {
        const results = currentResults(tab);
        if (results === knownResults[tab]) return;
        knownResults[tab] = results;
        omostHostPage.element(tab, "look")?.click();
        offerCanvas(tab);
    }

    /** @param {string} tab */
    function offerCanvas(tab) {
        const text = omostServerData.no_canvas;
        const message = [...omostHostPage.jobLog(tab)?.querySelectorAll("p") ?? []]
            .find(({textContent}) => [text, omostTexts.translate(text)]
                .some((known) => textContent?.includes(known)));
        if (!message || !omostHostPage.promptText(tab)) return;
        if (message.querySelector(".omost-offer")) return;
        const compose = () => {
            omostHostPage.element(tab, "compose_prompt")?.click();
            omostHostPage.element(tab, "compose")?.scrollIntoView({block: "nearest"});
        };
        message.append(" ", omostCreateElement(
            "button", {class: "omost-offer", type: "button", onclick: compose},
            omostTexts.format("compose_prompt")));
        knownResults[tab] = currentResults(tab); // the button is part of the message's text
    }

    /** @param {string} tab */
    function watch(tab) {
        const results = omostHostPage.find(`#${tab}_results`);
        if (!results) return;
        knownResults[tab] = currentResults(tab);
        let timer = 0;
        new MutationObserver(() => {
            omostEditors.get(tab)?.pictureArea.backdrop.update();
            omostGeneration.render(tab);
            clearTimeout(timer);
            timer = window.setTimeout(() => check(tab), QUIET);
        }).observe(results, {childList: true, subtree: true, characterData: true,
            attributes: true, attributeFilter: ["src"]});
    }

    return {watch};
})();
