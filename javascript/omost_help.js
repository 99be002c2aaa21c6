// Opens the short help: first steps, keys, and what to change when a picture is not as wanted.

const omostHelp = (() => {
    /** @type {HTMLDialogElement | null} */
    let dialog = null;

    /**
     * @param {string} title The name of a text.
     * @param {[string, string][]} rows
     */
    function table(title, rows) {
        return [
            omostCreateElement("h4", {}, omostTexts.format(title)),
            omostCreateElement("table", {}, ...rows.map(([name, text]) =>
                omostCreateElement("tr", {},
                    omostCreateElement("th", {scope: "row"}, omostTexts.translate(name)),
                    omostCreateElement("td", {}, omostTexts.translate(text))))),
        ];
    }

    function build() {
        const close = omostCreateElement("button", {
            type: "button", class: "omost-close", onclick: () => dialog?.close(),
        }, omostTexts.format("close"));
        /** @type {HTMLDialogElement} */
        const built = omostCreateElement("dialog", {
            class: "omost-help", "aria-label": omostTexts.format("help_title"),
            // A click beside the content is a click on the dialog itself.
            onclick: (event) => event.target === built && built.close(),
            onkeydown: (event) => event.stopPropagation(),
        }, omostCreateElement("div", {},
            omostCreateElement("h3", {}, omostTexts.format("help_title")),
            ...["help_request", "help_canvas", "help_generate", "help_advanced", "help_touch"].map(
                (name) => omostCreateElement("p", {}, omostTexts.format(name))),
            ...table("help_symptoms", omostServerData.help_symptoms),
            ...table("help_keys", omostServerData.help_keys), close));
        return built;
    }

    /** @param {HTMLElement} parent Our elements, whose style the dialog has. */
    function open(parent) {
        dialog ??= build();
        parent.append(dialog);
        dialog.showModal();
    }

    return {open};
})();
