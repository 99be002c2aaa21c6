"""Converts the views of a job to updates of the page's result components."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from lib_omost.serve.generate_action import GenerateView
from lib_omost.serve.infotext_pasting import extract_infotext
from lib_omost.serve.infotext_view import infotext_html
from lib_omost.ui.components import attend
from lib_omost.ui.status_html import error_html

UPDATED = "status", "preview", "gallery", "pictures", "infotext", "generate", "interrupt"
"""Components that a GenerateView updates."""


async def stream_updates(
    views: Generator[GenerateView, None, None],
) -> AsyncGenerator[list[Any], None]:
    """Yields the updates of the components in UPDATED while a page reads them."""
    with closing(attend(views)) as attended:
        async for view in attended:
            yield updates(view)


def updates(view: GenerateView) -> list[Any]:
    """Returns the update of each component in UPDATED."""
    changes: dict[str, Any] = {name: gr.update() for name in UPDATED}
    if view.status is not None:
        changes["status"] = gr.update(value=view.status)
    if view.pictures is not None:
        names = [str(path) for path in view.pictures]
        changes |= {"gallery": gr.update(value=names), "pictures": names}
        changes["infotext"] = gr.update(value=picture_infotext(view.pictures[-1]) if names else "")
    if view.preview is not None:
        changes["preview"] = gr.update(value=_preview_html(view.preview))
    if view.busy is not None:
        changes["generate"] = gr.update(visible=not view.busy)
        changes["interrupt"] = gr.update(visible=view.busy)
    return [changes[name] for name in UPDATED]


def picture_infotext(picture: Path) -> str:
    """Returns the HTML of a saved picture's infotext, or of the reason why it has none."""
    try:
        return infotext_html(extract_infotext(picture))
    except ValueError as error:  # for example, the file was deleted
        return error_html(error)


def _preview_html(png: str) -> str:
    """Returns the preview over the gallery; its class is that of a WebUI's live preview."""
    if not png:
        return ""
    return f'<div class="livePreview"><img src="data:image/png;base64,{png}" alt=""></div>'
