// Stores the settings of the stand-alone page in the browser, so that they survive a reload.

const omostPageSettings = (() => {
    /** @param {string} model */
    const stored = (model) => `settings_${model}`;

    /**
     * Stores the values of the settings.
     *
     * @param {string} model The image model: each has its own size and CFG scale.
     * @param {string[]} names
     * @param {unknown[]} values
     */
    function save(model, names, values) {
        const pairs = names.map((name, index) => [name, values[index]]);
        omostStorage.save(stored(model), JSON.stringify(Object.fromEntries(pairs)));
        return [];
    }

    /**
     * Returns the stored values of the settings, and the present ones of those that have none.
     *
     * @param {string} model
     * @param {string[]} names
     * @param {unknown[]} values
     */
    function restore(model, names, values) {
        let known = null;
        try {
            known = JSON.parse(omostStorage.load(stored(model)) ?? "{}");
        } catch {
            // Another version of the page stored something else.
        }
        return names.map((name, index) => known?.[name] ?? values[index]);
    }

    return {save, restore};
})();
