// Refreshes the list of presets when the panel “Presets” opens.

const omostPresets = (() => {
    /**
     * Reads the list of presets again when the panel opens; others may have saved presets since.
     *
     * @param {string} tab
     */
    function refreshWhenOpened(tab) {
        const label = omostHostPage.element(tab, "presets")?.querySelector(".label-wrap");
        label?.addEventListener("click", () => {
            omostHostPage.element(tab, "preset_refresh")?.click();
        });
    }

    return {refreshWhenOpened};
})();
