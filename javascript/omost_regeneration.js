// Regenerates regions: the host paints the selected ones anew in the last picture.
//
// The request goes along with the host's own Generate in a hidden box of the accordion. Only one press
// may find it there: the next one makes a new picture.

const omostRegeneration = (() => {
    const READ = 200; // milliseconds until gradio has read a box, or the values for a job
    const LOOK = 100; // milliseconds between two looks at the job
    const START = 5000; // milliseconds until the host has begun the job
    const ARRIVAL = 10_000; // milliseconds from the end of a job to its picture in the gallery
    /** @type {Set<string>} */
    const running = new Set(); // the tabs in which a region is being regenerated

    /** @param {number} time In milliseconds. */
    const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

    /**
     * Waits for a condition; returns whether it came true.
     *
     * @param {() => boolean} condition
     * @param {number} patience In milliseconds.
     */
    async function until(condition, patience = Infinity) {
        for (const end = Date.now() + patience; !condition(); await wait(LOOK)) {
            if (Date.now() > end) return false;
        }
        return true;
    }

    /**
     * Returns the name of the text that says why nothing can be regenerated, "" if it can.
     *
     * @param {OmostRegionEditor} editor
     */
    function obstacle({tab, selection, pictureArea}) {
        if (running.has(tab) || omostHostPage.isPainting(tab)) return "regenerate_painting";
        if (omostHostPage.settingWarnings(tab).includes("off")) return "off";
        if (!pictureArea.backdrop.lastPicture) return "regenerate_no_picture";
        return selection.length ? "" : "regenerate_no_region";
    }

    /**
     * Returns the file of a picture as a data URL, "" if it is gone.
     *
     * @param {string} address
     */
    async function read(address) {
        try {
            const answer = await fetch(address);
            return answer.ok ? await omostFiles.readDataUrl(await answer.blob()) : "";
        } catch {
            return ""; // the server does not answer, or the address of the picture has expired
        }
    }

    /**
     * Presses Generate with a request.
     *
     * @param {string} tab
     * @param {string} request
     */
    async function press(tab, request) {
        const box = omostHostPage.regenerationBox(tab);
        try {
            omostHostPage.fill(box, request);
            await wait(READ);
            omostGeneration.press(tab, "generate");
            await wait(READ);
        } finally {
            omostHostPage.fill(box, "");
        }
    }

    /**
     * Waits for the end of the pressed job; returns whether it made a picture.
     *
     * @param {string} tab
     * @param {string} before The pictures of the gallery before the job.
     */
    async function finish(tab, before) {
        const isPainting = () => omostHostPage.isPainting(tab);
        const isNew = () => !["", before].includes(omostHostPage.pictures(tab).join());
        await until(() => isPainting() || isNew(), START);
        await until(() => !isPainting());
        await until(() => isPainting() || isNew(), ARRIVAL);
        return isNew();
    }

    /**
     * Paints the selected regions anew in the last picture, which becomes a step of the history.
     *
     * @param {OmostRegionEditor} editor
     */
    async function start(editor) {
        const {tab, canvas, selection, pictureArea: {backdrop}} = editor;
        if (!canvas || obstacle(editor)) return;
        running.add(tab);
        editor.toolbar.render();
        try {
            const former = backdrop.lastPicture;
            const before = omostHostPage.pictures(tab).join();
            const boxes = selection.map((index) => omostBoxes.boxOf(canvas.regions[index]))
                .map(({top, bottom, left, right}) => [top, bottom, left, right]);
            const picture = await read(former);
            if (!picture) {
                editor.showMessage("regenerate_lost");
                return;
            }
            await press(tab, JSON.stringify({picture, boxes}));
            if (await finish(tab, before)) editor.recordPicture(former);
        } finally {
            running.delete(tab);
            editor.toolbar.render();
        }
    }

    return {obstacle, start};
})();
