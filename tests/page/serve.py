"""Serve the accordion alone, as the host builds it: `python -m tests.page.serve PORT`."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import gradio as gr

from lib_omost.compose import attended_stream
from lib_omost.presets.library import Library
from lib_omost.serve import page_scripts
from lib_omost.ui.accordion import build
from lib_omost.ui.editor_answers import EditorAnswers
from lib_omost.ui.tab import Tab
from tests.page.scripted import REPORT, ScriptedComposing, code
from tests.text.counting import count_words

# benchmarks/editor.py reads how long our scripts take, with the layout that follows.
SCRIPT = """() => {
    const start = performance.now();
    (%s)();
    document.body.getBoundingClientRect();
    performance.measure("omost", {start});
}"""


@contextmanager
def input_accordion(value, *, label, elem_id):
    """Stand for the host's: a checkbox, and an accordion that shows what belongs to it."""
    with gr.Accordion(label, open=True, elem_id=elem_id):
        yield gr.Checkbox(value, visible=False, elem_id=f"{elem_id}-checkbox")


def page(composing, library):
    """Both tabs' accordions, the size sliders of txt2img, and the hosts' own gradioApp()."""
    editor = EditorAnswers(counter=lambda: count_words)
    with gr.Blocks(css=page_scripts.style()) as blocks:
        for name, value in (("Width", 1024), ("Height", 512)):
            element = f"txt2img_{name.lower()}"
            gr.Slider(64, 2048, value=value, label=name, elem_id=element, interactive=True)
        for name in ("txt2img", "img2img"):
            build(
                Tab(name),
                input_accordion,
                lambda: composing,
                lambda: library,
                lambda: REPORT,
                editor,
            )
        # What the composer saw, for the tests.
        seen = gr.Textbox(label="Answers being written", elem_id="seen")
        look = gr.Button("Look", elem_id="look")
        look.click(lambda: str(composing.open), outputs=[seen], queue=False)
        go_on = gr.Button("Go on", elem_id="go_on")
        go_on.click(lambda: composing.go_on.set(), queue=False)
        argument = "_js" if gr.__version__.startswith("3.") else "js"
        script = SCRIPT % page_scripts.start_script(blocks.blocks.values(), '"", []')
        blocks.load(None, None, None, **{argument: script})
    return blocks


if __name__ == "__main__":
    # A page that closes may leave its stream in a garbage cycle; then this limit ends it.
    attended_stream.READER_TIMEOUT = 5.0
    answers = [code("boat", "lighthouse"), code("boat", "lighthouse", "gull")]
    library = Library(Path(tempfile.mkdtemp()))
    served = page(ScriptedComposing(*answers, pause=0.2), library)
    # As both hosts do: in gradio 3 the number of handlers at a time.
    served.queue(64).launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), show_api=False)
