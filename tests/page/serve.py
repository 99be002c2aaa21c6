"""Serve the accordion alone, as the host builds it: `python -m tests.page.serve PORT`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import gradio as gr

from lib_omost.webui.accordion import Tab, build

STYLE = Path(__file__).parents[2] / "style.css"


@contextmanager
def input_accordion(value, *, label, elem_id):
    """Stand for the host's: a checkbox, and an accordion that shows what belongs to it."""
    with gr.Accordion(label, open=True, elem_id=elem_id):
        yield gr.Checkbox(value, visible=False, elem_id=f"{elem_id}-checkbox")


def page():
    """Both tabs' accordions, the size sliders of txt2img, and the hosts' own gradioApp()."""
    # A function of the page's head, in the one way that both versions of gradio have.
    give = "() => { window.gradioApp = () => document }"
    with gr.Blocks(css=STYLE.read_text()) as blocks:
        gr.Slider(64, 2048, value=1024, label="Width", elem_id="txt2img_width")
        gr.Slider(64, 2048, value=512, label="Height", elem_id="txt2img_height")
        for name in ("txt2img", "img2img"):
            build(Tab(name), input_accordion)
        argument = "_js" if gr.__version__.startswith("3.") else "js"
        blocks.load(None, None, None, **{argument: give})
    return blocks


if __name__ == "__main__":
    page().launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), show_api=False)
