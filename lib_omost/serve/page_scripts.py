"""Loads the style sheet and the scripts into the stand-alone page, as a WebUI does.

The scripts run in the order of their names. `START` defines the functions of a WebUI's page that
the scripts call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
"""The extension's folder."""

STYLE = """
.gradio-container { max-width: 1700px !important; }

.omost-infotext {
    max-height: 12em;
    overflow: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    font-size: 0.85em;
}
"""
"""Style of the elements around the accordion, which a WebUI would bring."""

START = """() => {
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
    ready.forEach((callback) => callback());
    // As in both WebUIs. The accordion answers the same keys itself.
    document.addEventListener("keydown", (event) => {
        const isGenerate = event.key === "Enter" && (event.ctrlKey || event.metaKey);
        if (isGenerate) omostGeneration.press("txt2img");
    });
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
}"""


def style() -> str:
    """Returns the style sheets of the accordion and of the page."""
    return (ROOT / "style.css").read_text(encoding="utf-8") + STYLE


def start_script(components: Iterable[Any]) -> str:
    """Returns JavaScript that prepares a gradio page like a WebUI's and runs the scripts.

    It also sets the tooltips, and stores the two prompts in the browser.

    Args:
        components: All components of the page; `webui_tooltip` is a component's tooltip.
    """
    scripts = sorted((ROOT / "javascript").glob("*.js"))
    tooltips = {
        component.elem_id: component.webui_tooltip
        for component in components
        if getattr(component, "webui_tooltip", None) and component.elem_id
    }
    sources = [script.read_text(encoding="utf-8") for script in scripts]
    return START % (json.dumps(tooltips), json.dumps(sources))
