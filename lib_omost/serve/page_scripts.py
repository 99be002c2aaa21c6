"""What a WebUI's page gives to scripts, and ours as it loads them: in the order of their names."""

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
"""For what a WebUI has around the accordion."""

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
    for (const name of ["txt2img_prompt", "txt2img_neg_prompt"]) {
        const box = document.querySelector(`#${name} textarea`);
        if (!box) continue;
        const keep = () => omostStorage.save(name, box.value);
        if (!box.value && omostStorage.load(name)) {
            box.value = omostStorage.load(name);
            box.dispatchEvent(new Event("input", {bubbles: true}));
        }
        box.addEventListener("input", keep);
        window.addEventListener("pagehide", keep); // of what was pasted nothing else tells
    }
}"""


def style() -> str:
    """The accordion's style sheet, and the page's."""
    return (ROOT / "style.css").read_text(encoding="utf-8") + STYLE


def start(components: Iterable[Any]) -> str:
    """JavaScript that makes a page of gradio's what the scripts expect, and then runs them."""
    scripts = sorted((ROOT / "javascript").glob("*.js"))
    tooltips = {
        component.elem_id: component.webui_tooltip
        for component in components
        if getattr(component, "webui_tooltip", None) and component.elem_id
    }
    texts = [script.read_text(encoding="utf-8") for script in scripts]
    return START % (json.dumps(tooltips), json.dumps(texts))
