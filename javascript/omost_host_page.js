// Finds and reads elements of the WebUI's page, and our own components in it.
//
// All other scripts reach the host's fields, the prompt, the picture size and the last picture
// through these functions.

const omostHostPage = (() => {
    // The inputs of img2img's tabs in the hosts: img2img, sketch, inpaint, inpaint sketch, upload.
    const IMG2IMG_INPUTS = ["#img2img_image", "#img2img_sketch", "#img2maskimg", "#inpaint_sketch",
        "#img_inpaint_base"];

    /**
     * @param {string} selector
     * @returns {HTMLElement | null}
     */
    const find = (selector) => gradioApp().querySelector(selector);

    /**
     * Finds one of our elements by its name within the tab.
     *
     * @param {string} tab
     * @param {string} name
     */
    const element = (tab, name) => find(`#omost_${tab}_${name}`);

    /** @param {string} tab */
    const accordion = (tab) => find(`#omost_${tab}`);

    /** @param {HTMLElement | null} parent */
    const textarea = (parent) => parent?.querySelector("textarea") ?? null;

    /** @param {string} tab */
    const canvasBox = (tab) => textarea(element(tab, "canvas"));
    /** @param {string} tab */
    const chatBox = (tab) => textarea(element(tab, "chat"));
    /** @param {string} tab */
    const requestBox = (tab) => textarea(element(tab, "request"));
    /**
     * Returns the box with the request to regenerate regions, which goes along with Generate.
     *
     * @param {string} tab
     */
    const regenerationBox = (tab) => textarea(element(tab, "editor_regenerate"));
    /** @param {string} tab */
    const canvasText = (tab) => canvasBox(tab)?.value ?? "";
    /** @param {string} tab */
    const chatText = (tab) => chatBox(tab)?.value ?? "";

    /**
     * Writes a text into a box. gradio reads the value when the event of typing arrives.
     *
     * @param {HTMLTextAreaElement | null} box
     * @param {string} text
     */
    function fill(box, text) {
        if (!box || box.value === text) return;
        box.value = text;
        box.dispatchEvent(new Event("input", {bubbles: true}));
    }

    /**
     * @param {string} tab
     * @param {string} text
     */
    const setCanvasText = (tab, text) => fill(canvasBox(tab), text);

    /**
     * @param {string} tab
     * @param {string} text
     */
    const setChatText = (tab, text) => fill(chatBox(tab), text);

    /**
     * Reads a number of the host's, or the default while the page has none.
     *
     * @param {string} tab
     * @param {string} name
     * @param {number} otherwise
     */
    function number(tab, name, otherwise) {
        const input = /** @type {HTMLInputElement | null} */ (find(`#${tab}_${name} input`));
        return Number(input?.value) || otherwise;
    }

    /**
     * Returns the picture's width and height in pixels.
     *
     * @param {string} tab
     * @returns {[number, number]}
     */
    const pictureSize = (tab) => [number(tab, "width", 512), number(tab, "height", 512)];

    /** @param {string} tab */
    const promptText = (tab) => textarea(find(`#${tab}_prompt`))?.value.trim() ?? "";

    /**
     * Returns the chosen value of one of our settings, "" while the page does not show it.
     *
     * @param {string} tab
     * @param {string} name
     */
    function settingValue(tab, name) {
        const input = /** @type {HTMLInputElement | HTMLSelectElement | null | undefined} */ (
            element(tab, name)?.querySelector("input:checked, select"));
        return input?.value ?? "";
    }

    /**
     * Returns the settings that decide how the canvas's texts are encoded.
     *
     * @param {string} tab
     * @returns {Record<string, string>}
     */
    function encodingSettings(tab) {
        const settings = Object.fromEntries(Object.entries(omostServerData.setting_defaults)
            .map(([name, value]) => [name, settingValue(tab, name) || value]));
        const isCounted = settings.prompt_role === omostServerData.every_region;
        return {prompt: isCounted ? promptText(tab) : "", ...settings};
    }

    /**
     * Returns the names of the texts that warn of the page's settings.
     *
     * @param {string} tab
     * @returns {string[]}
     */
    function settingWarnings(tab) {
        const enabled = /** @type {HTMLInputElement | null} */ (
            find(`#omost_${tab}-checkbox input`));
        const {canvas_from_prompt: fromPrompt, prompt_ignored: ignored} = omostServerData;
        return Object.entries({
            off: enabled && !enabled.checked,
            cfg_1: number(tab, "cfg_scale", 7) === 1,
            from_prompt: settingValue(tab, "canvas_source") === fromPrompt,
            prompt_ignored: settingValue(tab, "prompt_role") === ignored && promptText(tab),
        }).filter(([, isTrue]) => isTrue).map(([name]) => name);
    }

    /**
     * Returns the images of the gallery without the preview of sampling.
     *
     * @param {string} tab
     * @returns {HTMLImageElement[]}
     */
    const galleryImages = (tab) =>
        [...find(`#${tab}_gallery`)?.querySelectorAll("img") ?? []]
            .filter((image) => image.src && !image.closest(".livePreview"));

    /**
     * Returns the addresses of the gallery's pictures, each once.
     *
     * @param {string} tab
     */
    const pictures = (tab) => [...new Set(galleryImages(tab).map(({src}) => src))].sort();

    /** Returns the address of the picture that img2img starts from, "" if there is none. */
    function img2imgPicture() {
        const images = [...gradioApp().querySelectorAll(
            IMG2IMG_INPUTS.map((input) => `${input} img`).join())];
        const shown = images.map((image) => /** @type {HTMLImageElement} */ (image))
            .find((image) => image.getAttribute("src") && image.offsetParent);
        return shown?.src ?? "";
    }

    /**
     * Returns the address of the picture that is opened in the gallery, else of its first picture.
     *
     * @param {string} tab
     */
    function lastPicture(tab) {
        const images = galleryImages(tab);
        const opened = images.find((image) =>
            image.closest(".preview, .thumbnail-item.selected"));
        return (opened ?? images[0])?.src ?? "";
    }

    /**
     * Returns the address of the latest preview of sampling, "" while there is none.
     *
     * @param {string} tab
     */
    function livePreview(tab) {
        const images = find(`#${tab}_results`)?.querySelectorAll(".livePreview img");
        return /** @type {HTMLImageElement | undefined} */ ([...images ?? []].at(-1))?.src ?? "";
    }

    /** @param {HTMLElement | null} part */
    const isShown = (part) => part !== null && getComputedStyle(part).display !== "none";

    /**
     * Tells whether the host is running a job of the tab: only then it offers to interrupt one.
     *
     * @param {string} tab
     */
    const isPainting = (tab) => isShown(find(`#${tab}_interrupt`));

    /**
     * Returns the element with the message that ends a job.
     *
     * @param {string} tab
     */
    const jobLog = (tab) => find(`#html_log_${tab}`) ?? find(`#${tab}_status`);

    /**
     * Returns the progress of the running job, else the errors of the last one.
     *
     * @param {string} tab
     */
    function jobText(tab) {
        const progress = find(`#${tab}_results`)?.querySelector(".progress");
        const error = jobLog(tab)?.querySelector(".error, .comments, .omost-error");
        const status = find(`#${tab}_status`);
        const shown = /** @type {Element | undefined} */ (
            ((isPainting(tab) && progress) || error || status)?.cloneNode(true));
        shown?.querySelectorAll(".omost-offer").forEach((button) => button.remove());
        return shown?.textContent?.trim() ?? "";
    }

    /**
     * Tells whether an answer of the chat is being written.
     *
     * @param {string} tab
     */
    function isComposing(tab) {
        return isShown(element(tab, "busy_row"));
    }

    return {find, element, accordion, canvasBox, requestBox, regenerationBox, canvasText, chatText,
        setCanvasText, setChatText, fill, pictureSize, promptText, encodingSettings, settingWarnings,
        pictures, lastPicture, img2imgPicture, livePreview, isPainting, jobLog, jobText, isComposing};
})();
