// What the panel "Compose" does in the browser: it keeps each tab's chat and the request that is
// being typed, reads and writes chat files, and counts tokens while somebody types. The server
// keeps nothing of it. lib_omost/ui/chat_panel.py calls what is here.

// eslint-disable-next-line no-unused-vars
const omost = (() => {
    // The places of these among the inputs of every handler.
    const IMPORTED = 0;
    const PLACES = {chat: 1, request: 2, model: 3, server_model: 4};
    const CANVAS = 5;
    const TYPING = 400; // milliseconds without a key before tokens are counted
    const LARGEST = 2e7; // bytes of a file to import
    const tabs = {};

    const state = (tab) => tabs[tab] ??= {
        begun: false, counting: false, again: false, timer: 0, end: 0, requests: 0,
    };
    const part = (tab, name) => gradioApp().querySelector(`#omost_${tab}_${name}`);
    const key = (tab) => `omost_${tab}`;

    // A browser may forbid its storage, or have no room left in it.
    function store(name, text) {
        try {
            localStorage.setItem(name, text);
        } catch (error) {
            console.warn("Omost: the browser does not keep the chat:", error.message);
        }
    }

    // What is kept of a tab; where that cannot be read, the chat is the text that is there, so
    // that the server says what is wrong with it.
    function kept(tab) {
        let text = null;
        try {
            text = localStorage.getItem(key(tab));
            const values = JSON.parse(text ?? "{}");
            if (values && typeof values === "object") return values;
        } catch (error) {
            console.warn("Omost: what the browser kept cannot be read:", error.message);
        }
        return text === null ? {} : {chat: text};
    }

    function keep(tab, name, value) {
        if (state(tab).begun) {
            store(key(tab), JSON.stringify({...kept(tab), [name]: value ?? ""}));
        }
        if (name === "chat") omost.editors.changed(tab);
        if (name !== "server_model") count(tab);
    }

    // Until here the page's own empty boxes must not replace what is kept. A chat that the server
    // could not read stays under a name of its own.
    function begin(tab, chat, past) {
        const {sent} = state(tab);
        beginHistory(tab, chat, JSON.parse(past || "[]"));
        if (sent && !chat) {
            store(`${key(tab)}_unreadable`, sent);
            store(key(tab), JSON.stringify({...kept(tab), chat: ""}));
        }
        state(tab).begun = true;
    }

    // gradio may tell of the chat before its box shows it.
    function beginHistory(tab, chat, past, tries = 50) {
        if (tries && omost.page.chat(tab) !== chat) {
            setTimeout(() => beginHistory(tab, chat, past, tries - 1), 20);
        } else {
            omost.editors.of(tab)?.begin(chat, past);
        }
    }

    // What somebody typed while the page was loading stays: no answer of the server's replaces it.
    function draft(tab, request) {
        const area = part(tab, "request")?.querySelector("textarea");
        if (!area || area.value) return;
        area.value = request;
        area.dispatchEvent(new Event("input", {bubbles: true}));
    }

    function restored(tab, values, count) {
        state(tab).asked = true;
        const inputs = values.slice(0, count);
        inputs[CANVAS] ||= omost.page.text(tab); // the draft, which gradio may not have heard of
        for (const [name, value] of Object.entries(kept(tab))) {
            if (typeof value !== "string" || !value) continue;
            if (name === "request") draft(tab, value);
            else if (PLACES[name]) inputs[PLACES[name]] = value;
        }
        state(tab).sent = inputs[PLACES.chat];
        return inputs;
    }

    // What gradio 4 hands over may be older than what stands in the box.
    function entered(tab, values, count) {
        const inputs = values.slice(0, count);
        inputs[CANVAS] = omost.page.text(tab);
        return inputs;
    }

    // The history went to another chat: the server writes what is to be seen of it. One question at
    // a time, as gradio 3 drops an event that comes while its handler runs.
    function travel(tab, way, left, chat) {
        const now = state(tab);
        now.way = way;
        now.left ??= left;
        omost.page.putChat(tab, chat);
        now.goesOn = Boolean(now.isTravelling);
        if (now.isTravelling) return;
        now.isTravelling = true;
        part(tab, "travel")?.click();
    }

    function travelling(tab, values, count) {
        const inputs = entered(tab, values, count);
        inputs[IMPORTED] = JSON.stringify([state(tab).way, state(tab).left ?? ""]);
        inputs[PLACES.chat] = omost.page.chat(tab);
        state(tab).left = null;
        return inputs;
    }

    function travelled(tab) {
        const now = state(tab);
        now.isTravelling = false;
        if (now.goesOn && now.left !== null) travel(tab, now.way, now.left, omost.page.chat(tab));
    }

    async function imported(tab, values, count) {
        const inputs = values.slice(0, count);
        [inputs[IMPORTED]] = await chosenFile();
        return inputs;
    }

    // Others may have saved presets since the host built the page.
    function refreshPresets(tab) {
        const label = part(tab, "presets")?.querySelector(".label-wrap");
        label?.addEventListener("click", () => part(tab, "preset_refresh").click());
    }

    // A chosen file's text and name in place of the first two values.
    async function withFile(values, count) {
        return [...await chosenFile(), ...values.slice(2, count)];
    }

    function chosenFile() {
        const input = document.createElement("input");
        input.type = "file";
        input.accept = ".json,application/json";
        input.className = "omost-hidden";
        document.body.append(input);
        return new Promise((resolve) => {
            input.addEventListener("change", async () => {
                const file = input.files[0];
                input.remove();
                resolve([file.size > LARGEST ? "" : await file.text(), file.name]);
            });
            input.click();
        });
    }

    function exported(tab, chat) {
        const said = (name) => `<p class="omost-status">${omost.say(name)}</p>`;
        if (!chat) return said("no_chat");
        download(chat, `omost-chat-${new Date().toISOString().slice(0, 10)}.json`);
        return said("chat_exported");
    }

    function download(text, name) {
        if (!text) return;
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], {type: "application/json"}));
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    // One count at a time, and the last one after the last key: gradio 3 drops an event that comes
    // while its handler runs.
    function count(tab) {
        const now = state(tab);
        clearTimeout(now.timer);
        now.timer = setTimeout(() => {
            now.again = now.counting;
            if (!now.counting) {
                now.counting = true;
                part(tab, "count")?.click();
            }
        }, TYPING);
    }

    function counted(tab) {
        const now = state(tab);
        now.counting = false;
        if (now.again) count(tab);
        now.again = false;
    }

    // The end of the chat stays in sight, unless somebody has scrolled up from it. gradio too sees to
    // that, but gives up where more than 100 pixels are added at once, as by a short answer; and its
    // event for a change never ends in gradio 3.
    function watchChat(tab) {
        const panel = part(tab, "compose");
        if (!panel) return;
        const changes = {childList: true, subtree: true, characterData: true};
        new MutationObserver(() => follow(tab)).observe(panel, changes);
    }

    function follow(tab) {
        const box = part(tab, "messages")?.querySelector(".message-wrap")?.parentElement;
        if (!box) return;
        const now = state(tab);
        const end = box.scrollHeight - box.clientHeight;
        const requests = box.querySelectorAll(".message.user").length;
        const isLeft = box.scrollTop < Math.min(now.end, end) - 1;
        if (isLeft && requests === now.requests) return;
        Object.assign(now, {end, requests});
        box.scrollTop = end;
    }

    // Ask for what is kept to be shown; gradio may not listen yet when the page is there. Asked
    // twice, a slow server's second answer would undo what was done after the first.
    function restore(tab, tries = 20) {
        if (tries && !state(tab).asked) {
            part(tab, "restore")?.click();
            setTimeout(() => restore(tab, tries - 1), 1000);
        }
    }

    // Enter sends what Compose would: nothing before the kept chat is back.
    function watchEnter(tab) {
        part(tab, "request")?.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" || event.shiftKey) return;
            if (!part(tab, "compose_button")?.disabled) return;
            event.preventDefault();
            event.stopPropagation();
        }, true);
    }

    return {keep, begin, restored, entered, travel, travelling, travelled, imported, exported, withFile, download, counted,
        watchChat, watchEnter, restore, refreshPresets};
})();
