"""The script that the WebUI runs: each hook hands over to the generation it belongs to."""

from __future__ import annotations

from typing import Any

from modules import scripts
from modules.ui_components import InputAccordion

from lib_omost import infotext
from lib_omost.compose.composed_canvases import ComposedCanvases
from lib_omost.ui.accordion import build
from lib_omost.ui.editor_answers import EditorAnswers
from lib_omost.ui.script_arguments import read_values, switched_on
from lib_omost.ui.tab import Tab
from lib_omost.webui.generation import Generation
from lib_omost.webui.host_detection import find_host, unsupported_model
from lib_omost.webui.messages import PREFIX
from lib_omost.webui.sampling_session import SamplingSession
from lib_omost.webui.send_to_img2img import SendToImg2img
from lib_omost.webui.services import PROGRAM, get_compose_service, get_library
from lib_omost.webui.xyz_axes import AXES


class OmostScript(scripts.Script):  # type: ignore[misc]
    """Omost in txt2img and img2img; the host makes one of these for each tab.

    A job's Generation is kept at the job itself, as `p.omost`, because jobs nest: an extension may
    run another job from within a hook of the first.
    """

    stage = SamplingSession(find_host, PROGRAM, ComposedCanvases(PROGRAM, get_compose_service))
    """What is installed in the host; shared by both tabs, which sample with one model."""

    sending = SendToImg2img(PROGRAM)
    """What a picture of the one tab brings along to the other, while a page is being built."""

    def title(self) -> str:
        """The name over the API, whatever its case."""
        return "Omost"

    def show(self, is_img2img: bool) -> Any:
        """Always visible, in both tabs."""
        return scripts.AlwaysVisible

    def ui(self, is_img2img: bool) -> list[Any]:
        """Build the tab's accordion; called three times for each tab."""
        tab = Tab("img2img" if is_img2img else "txt2img")
        editor = EditorAnswers(lambda: unsupported_model(lambda: self.stage.host))
        components = build(tab, InputAccordion, get_compose_service, get_library, editor)
        self.infotext_fields = [(components[name], paste) for name, paste in infotext.PASTE.items()]
        if is_img2img:
            self.sending.wire(components)
        else:
            self.sending.watch(self, components)
        return list(components.values())

    def before_process(self, p: Any, *args: Any) -> None:
        """Start a generation if Omost is on, and make way for any.

        What a crash left behind goes, and so does the language model that was used before.
        """
        # A copy of a job shares its dict, and what the job said must outlive the copy.
        p.extra_generation_params = dict(p.extra_generation_params)
        p.omost = generation = Generation(self.stage, img2img=self.is_img2img)
        with generation.keeping_failure():
            infotext.remove(p.extra_generation_params)
            values = read_values(args, getattr(p, AXES, {}))
            if switched_on(values):
                generation.start(p, values)
            else:
                p.omost = None
        with generation.keeping_failure():
            self.stage.clear()
        with generation.keeping_failure():
            get_compose_service().before_sampling()
        if p.omost is None and generation.failure:
            p.comment(f"{PREFIX}{generation.failure}")

    def before_process_batch(self, p: Any, *args: Any, **kwargs: Any) -> None:
        """Read the batch's prompts, or end the job with a message."""
        if getattr(p, "omost", None):
            p.omost.before_batch(p)

    def process_before_every_sampling(self, p: Any, *args: Any, **kwargs: Any) -> None:
        """Let the canvas take part in the sampling that follows."""
        if getattr(p, "omost", None):
            p.omost.before_sampling(p, kwargs.get("x"))

    def postprocess(self, p: Any, processed: Any, *args: Any) -> None:
        """Hand the messages to the API, which does not show a job's comments."""
        if getattr(p, "omost", None):
            p.omost.report(p, processed)
