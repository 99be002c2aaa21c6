// Opens JSON files that the visitor chooses, and downloads JSON files.

const omostFiles = (() => {
    /**
     * Asks for a JSON file. The names of the result are those of the handlers' inputs.
     *
     * @returns {Promise<{imported: string, file_name: string}>} The text, "" for a file that is too
     *     large, and the file's name.
     */
    function choose() {
        const input = omostCreateElement("input", {
            type: "file", accept: ".json,application/json", class: "omost-hidden",
        });
        document.body.append(input);
        return new Promise((resolve) => {
            input.addEventListener("change", async () => {
                const file = /** @type {FileList} */ (input.files)[0];
                input.remove();
                const isTooLarge = file.size > omostServerData.max_file_bytes;
                resolve({imported: isTooLarge ? "" : await file.text(), file_name: file.name});
            });
            input.click();
        });
    }

    /**
     * Downloads a text as a JSON file; an empty text downloads nothing.
     *
     * @param {string} text
     * @param {string} name
     */
    function download(text, name) {
        if (!text) return;
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], {type: "application/json"}));
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    return {choose, download};
})();
