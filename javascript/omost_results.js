// The results of a job on the host's page. After each job the model's state is asked for anew, as a
// picture may unload the model. Below the message that there is no canvas appears a button that has
// one composed from the prompt.

omost.results = (() => {
    const QUIET = 300; // milliseconds without a change before the results are looked at
    const seen = {};

    const log = (tab) => omost.page.find(`#html_log_${tab}`) ?? omost.page.find(`#${tab}_status`);

    function signature(tab) {
        const images = omost.page.find(`#${tab}_gallery`)?.querySelectorAll("img") ?? [];
        const pictures = [...images].filter((image) => !image.closest(".livePreview"));
        return [...pictures.map(({src}) => src), log(tab)?.textContent].join("\n");
    }

    function look(tab) {
        const now = signature(tab);
        if (now === seen[tab]) return;
        seen[tab] = now;
        omost.page.part(tab, "look")?.click();
        offerCanvas(tab);
    }

    function offerCanvas(tab) {
        const message = [...log(tab)?.querySelectorAll("p") ?? []]
            .find(({textContent}) => textContent.includes(omost.facts.no_canvas));
        if (!message || !omost.page.prompt(tab) || message.querySelector(".omost-offer")) return;
        const compose = () => {
            omost.page.part(tab, "compose_prompt")?.click();
            omost.page.part(tab, "compose")?.scrollIntoView({block: "nearest"});
        };
        message.append(" ", omost.make(
            "button", {class: "omost-offer", type: "button", onclick: compose},
            omost.say("compose_prompt")));
        seen[tab] = signature(tab); // the button is part of the message's text
    }

    function watch(tab) {
        const results = omost.page.find(`#${tab}_results`);
        if (!results) return;
        seen[tab] = signature(tab);
        let timer = 0;
        new MutationObserver(() => {
            clearTimeout(timer);
            timer = setTimeout(() => look(tab), QUIET);
        }).observe(results, {childList: true, subtree: true, characterData: true,
            attributes: true, attributeFilter: ["src"]});
    }

    // The prompt takes the place of the first input, and the request that is being typed stays.
    const withPrompt = (tab, values, count) => [omost.page.prompt(tab), ...values.slice(1, count)];

    return {watch, withPrompt};
})();
