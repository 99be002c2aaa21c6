// Opens files that the visitor chooses, and downloads JSON files.

const omostFiles = (() => {
    const JSON_FILES = ".json,application/json";
    const CANVAS_FILES = `${JSON_FILES},.txt,.md,.py,text/plain,image/png,image/jpeg,image/webp`;

    // The metadata of a picture is at its beginning, except in WebP.
    const MAX_PICTURE_BYTES = 8_000_000;

    /**
     * Asks for a JSON file. The names of the result are those of the handlers' inputs.
     *
     * @returns {Promise<{imported: string, file_name: string}>} The text, "" for a file that is too
     *     large, and the file's name.
     */
    const choose = () => ask(JSON_FILES);

    /**
     * Asks for a file with presets or a canvas, which may be a picture.
     *
     * @returns {Promise<{imported: string, file_name: string}>} As `choose`; for a picture the data
     *     URL of its file.
     */
    const chooseCanvas = () => ask(CANVAS_FILES);

    /** Asks for a picture file. */
    const choosePicture = () => pick("image/*");

    /** @param {string} accept The types of files. */
    async function ask(accept) {
        const file = await pick(accept);
        return {imported: await read(file), file_name: file.name};
    }

    /**
     * @param {string} accept The types of files.
     * @returns {Promise<File>}
     */
    function pick(accept) {
        const input = omostCreateElement("input", {type: "file", accept, class: "omost-hidden"});
        document.body.append(input);
        return new Promise((resolve) => {
            input.addEventListener("change", () => {
                input.remove();
                resolve(/** @type {FileList} */ (input.files)[0]);
            });
            input.click();
        });
    }

    /**
     * Returns the text of a file, the data URL of a picture, or "" for a text that is too large.
     *
     * @param {File} file
     * @returns {Promise<string>}
     */
    function read(file) {
        if (file.type.startsWith("image/")) return readDataUrl(file.slice(0, MAX_PICTURE_BYTES));
        return file.size > omostServerData.max_file_bytes ? Promise.resolve("") : file.text();
    }

    /**
     * Returns the content of a file as a data URL.
     *
     * @param {Blob} blob
     * @returns {Promise<string>}
     */
    function readDataUrl(blob) {
        return new Promise((resolve) => {
            const reader = new FileReader();
            reader.addEventListener("load", () => resolve(String(reader.result)));
            reader.readAsDataURL(blob);
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

    return {choose, chooseCanvas, choosePicture, readDataUrl, download};
})();
