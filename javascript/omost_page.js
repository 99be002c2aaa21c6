// The host's page around the editor: elements, the canvas's text box, the picture's size, the
// prompt and the last picture. Everything else of ours reaches the host through here.

omost.page = (() => {
    const find = (selector) => gradioApp().querySelector(selector);
    const part = (tab, name) => find(`#omost_${tab}_${name}`);
    const box = (tab) => part(tab, "canvas")?.querySelector("textarea");
    const field = (tab, name) => find(`#${tab}_${name} input`);
    const text = (tab) => box(tab)?.value ?? "";
    const chatBox = (tab) => part(tab, "chat")?.querySelector("textarea");
    const chat = (tab) => chatBox(tab)?.value ?? "";

    const put = (tab, value) => fill(box(tab), value);
    const putChat = (tab, value) => fill(chatBox(tab), value);

    // gradio takes a value from the event that typing would cause.
    function fill(area, value) {
        if (!area || area.value === value) return;
        area.value = value;
        area.dispatchEvent(new Event("input", {bubbles: true}));
    }

    function number(tab, name, otherwise) {
        return Number(field(tab, name)?.value) || otherwise;
    }

    const size = (tab) => [number(tab, "width", 512), number(tab, "height", 512)];
    const prompt = (tab) => find(`#${tab}_prompt textarea`)?.value.trim() ?? "";
    const chosen = (tab, name) =>
        part(tab, name)?.querySelector("input:checked, select")?.value ?? "";

    function settings(tab) {
        const role = chosen(tab, "prompt_role") || "whole picture";
        return {
            prompt: role === "every region" ? prompt(tab) : "",
            prompt_role: role,
            canvas_text: chosen(tab, "canvas_text") || "plain",
            method: chosen(tab, "method") || "omost",
        };
    }

    // Which of the page's settings somebody may trip over, by the names of their texts.
    function traps(tab) {
        const enabled = find(`#omost_${tab}-checkbox input`);
        return [
            enabled && !enabled.checked && "off",
            number(tab, "cfg_scale", 7) === 1 && "cfg_1",
            chosen(tab, "canvas_source") === "prompt" && "from_prompt",
            chosen(tab, "prompt_role") === "ignored" && prompt(tab) && "prompt_ignored",
        ].filter(Boolean);
    }

    // What is opened large in the gallery, else its first picture.
    function picture(tab) {
        const gallery = find(`#${tab}_gallery`);
        const image = gallery?.querySelector(".preview img, .thumbnail-item.selected img, img");
        return image?.src ?? "";
    }

    // A chat's answer is being written.
    function composing(tab) {
        const row = part(tab, "busy_row");
        return Boolean(row) && getComputedStyle(row).display !== "none";
    }

    return {find, part, box, text, chat, put, putChat, size, prompt, settings, traps, picture,
        composing};
})();

// Make an element; attributes of the kind "onclick" are listeners, true and false are presence.
omost.make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function") element.addEventListener(name.slice(2), value);
        else if (value !== false && value !== undefined) {
            element.setAttribute(name, value === true ? "" : value);
        }
    }
    element.append(...children);
    return element;
};
