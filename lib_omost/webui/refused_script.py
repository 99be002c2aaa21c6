"""The script for a WebUI that Omost does not support: it shows the reason and does nothing else."""

from __future__ import annotations

from typing import Any

import gradio as gr
from modules import scripts

from lib_omost.ui.about_panel import build_about
from lib_omost.ui.localisation import say
from lib_omost.ui.tab import Tab
from lib_omost.ui.texts import REFUSED_SCRIPT, TITLE
from lib_omost.webui.about import report
from lib_omost.webui.host_detection import refusal


class RefusedScript(scripts.Script):  # type: ignore[misc]
    """An accordion with the reason, in both tabs. Without hooks it has no effect on jobs.

    Its API name is not "omost", so an API request for regions gets an error, not a picture without
    regions.
    """

    def title(self) -> str:
        """Returns the name in `alwayson_scripts` of the API."""
        return REFUSED_SCRIPT

    def show(self, is_img2img: bool) -> Any:
        """Shows the script in both tabs."""
        return scripts.AlwaysVisible

    def ui(self, is_img2img: bool) -> list[Any]:
        """Builds an accordion with the reason and the panel About."""
        with gr.Accordion(TITLE, open=False):
            gr.Markdown(refusal(say))
            build_about(Tab("img2img" if is_img2img else "txt2img"), report)
        return []
