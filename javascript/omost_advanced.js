// Switches between the basic and the advanced page, for both tabs, and remembers the choice.
//
// style.css hides elements of the class "omost-advanced", and some fields, in the basic page.

const omostAdvanced = (() => {
    const TABS = ["txt2img", "img2img"];
    const KEY = "page";

    const isOn = () => omostStorage.load(KEY) === "advanced";

    function render() {
        for (const tab of TABS) {
            omostHostPage.accordion(tab)?.classList.toggle("omost-basic", !isOn());
            omostEditors.get(tab)?.toolbar.render();
        }
    }

    /** @param {boolean} on */
    function set(on) {
        omostStorage.save(KEY, on ? "advanced" : "basic");
        render();
    }

    return {isOn, set, render};
})();
