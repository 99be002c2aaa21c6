"""The script of a WebUI that Omost cannot work in: it shows why, and does nothing else."""

from __future__ import annotations

from typing import Any

import gradio as gr
from modules import scripts

from lib_omost.ui.localisation import say
from lib_omost.ui.texts import REFUSED_SCRIPT, TITLE
from lib_omost.webui.host_detection import refusal


class RefusedScript(scripts.Script):  # type: ignore[misc]
    """An accordion with one sentence, in both tabs. It has no hooks, so jobs do not meet it.

    Its name over the API is not "omost": a request for regions there is answered with an error
    rather than with a picture without them.
    """

    def title(self) -> str:
        """The name over the API."""
        return REFUSED_SCRIPT

    def show(self, is_img2img: bool) -> Any:
        """Always visible, in both tabs."""
        return scripts.AlwaysVisible

    def ui(self, is_img2img: bool) -> list[Any]:
        """Say why there is nothing to set."""
        with gr.Accordion(TITLE, open=False):
            gr.Markdown(refusal(say))
        return []
