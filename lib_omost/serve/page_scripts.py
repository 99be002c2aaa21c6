"""Loads the style sheet and the scripts into the stand-alone page, as a WebUI does.

The scripts run in the order of their names. `START` defines the functions of a WebUI's page that
the scripts call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lib_omost.serve.language import PATH as LANGUAGE_PATH
from lib_omost.ui.components import SCRIPT_ARGUMENT

ROOT = Path(__file__).parents[2]
"""The extension's folder."""

STYLE = """
.gradio-container { max-width: 1700px !important; }

/* gradio's grey of these texts is too light to be read well. */
.gradio-container .tab-nav > button:not(.selected), #pnginfo_image .or, footer > * {
    color: var(--block-label-text-color) !important;
}

.omost-infotext { font-size: 0.85em; overflow-wrap: anywhere; }
.omost-infotext summary { cursor: pointer; }
.omost-infotext th { padding-right: 1em; text-align: left; vertical-align: top; }
.omost-infotext pre { max-height: 24em; overflow: auto; white-space: pre-wrap; }

#txt2img_gallery_container { position: relative; }

/* The preview covers the gallery, so that nothing moves when the picture arrives. */
#txt2img_preview { position: static; border: none; padding: 0; }
#txt2img_preview :not(.livePreview) { position: static; min-height: 0; padding: 0; }

.livePreview {
    position: absolute;
    inset: 0;
    z-index: 2;
    background: var(--background-fill-primary);
}

.livePreview img { width: 100%; height: 100%; object-fit: contain; }

#omost_history {
    display: flex;
    gap: 0.5em;
    margin: 0;
    padding: 0.3em 0;
    overflow-x: auto;
    list-style: none;
}

#omost_history:empty { display: none; }
.omost-history-item { flex: none; width: 7em; }

.omost-history-item > button {
    display: block;
    width: 100%;
    border: 2px solid transparent;
    border-radius: 4px;
    padding: 0;
}

.omost-history-item.selected > button { border-color: var(--color-accent); }
.omost-history-item img { width: 100%; height: 6.5em; object-fit: contain; }
.omost-history-actions { display: flex; justify-content: space-between; font-size: 0.8em; }
.omost-history-actions > * { padding: 0.2em; }
"""
"""Style of the elements around the accordion, which a WebUI would bring."""

TRANSLATED = """async (...values) => {
    const answer = await fetch("%s").catch(() => null);
    window.omostLanguage = answer?.ok ? await answer.json() : {language: "en", texts: {}};
    return (%s)(...values);
}"""
"""JavaScript that gets the translations of the page before its scripts start."""

START = """(...values) => {
    const ready = [];
    window.gradioApp = () => document;
    window.onUiLoaded = (callback) => ready.push(callback);
    for (const [id, tooltip] of Object.entries(%s)) {
        const element = document.getElementById(id);
        if (element) element.title = tooltip;
    }
    for (const text of %s) {
        const script = document.createElement("script");
        script.textContent = text;
        document.head.append(script);
    }
    if (window.omostLanguage) omostPageTranslation.start(window.omostLanguage);
    ready.forEach((callback) => callback());
    // As in both WebUIs. The accordion answers the same keys itself.
    document.addEventListener("keydown", (event) => {
        const isGenerate = event.key === "Enter" && (event.ctrlKey || event.metaKey);
        if (isGenerate) omostGeneration.toggle("txt2img");
    });
    omostAccessibility.mend(document.querySelector("#tabs"));
    omostAccessibility.watch(document.querySelector("#txt2img_results"));
    omostHistory.watch();
    omostRunningJob.resume();
    for (const name of ["txt2img_prompt", "txt2img_neg_prompt"]) {
        const box = document.querySelector(`#${name} textarea`);
        if (!box) continue;
        const store = () => omostStorage.save(name, box.value);
        if (!box.value && omostStorage.load(name)) {
            box.value = omostStorage.load(name);
            box.dispatchEvent(new Event("input", {bubbles: true}));
        }
        box.addEventListener("input", store);
        window.addEventListener("pagehide", store); // pasting an infotext causes no input event
    }
    return omostPageSettings.restore(%s, values);
}"""


def style() -> str:
    """Returns the style sheets of the accordion and of the page."""
    return (ROOT / "style.css").read_text(encoding="utf-8") + STYLE


def run_at_start(blocks: Any, model: str, stored: Mapping[str, Any]) -> None:
    """Runs the scripts when a page is loaded, and stores values of its components in the browser.

    Args:
        blocks: The page that is being built.
        model: The image model; each has stored values of its own.
        stored: The components whose values survive a reload, by the names of the values.
    """
    names = f"{json.dumps(model)}, {json.dumps(list(stored))}"
    values = list(stored.values())
    save = {SCRIPT_ARGUMENT: f"(...values) => omostPageSettings.save({names}, values)"}
    for component in values:
        component.change(None, values, None, **save)
    script = TRANSLATED % (LANGUAGE_PATH, start_script(blocks.blocks.values(), names))
    start = {SCRIPT_ARGUMENT: script}
    blocks.load(None, values, values, **start)


def start_script(components: Iterable[Any], names: str) -> str:
    """Returns JavaScript that prepares a gradio page like a WebUI's and runs the scripts.

    It also sets the tooltips, stores the two prompts in the browser, and returns stored values.

    Args:
        components: All components of the page; `webui_tooltip` is a component's tooltip.
        names: The image model and the names of the stored values, as arguments in JavaScript.
    """
    scripts = sorted((ROOT / "javascript").glob("*.js"))
    tooltips = {
        component.elem_id: component.webui_tooltip
        for component in components
        if getattr(component, "webui_tooltip", None) and component.elem_id
    }
    sources = [script.read_text(encoding="utf-8") for script in scripts]
    return START % (json.dumps(tooltips), json.dumps(sources), names)
