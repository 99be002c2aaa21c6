"""The script that A1111 and Forge run: its hooks call the Generation of the current job."""

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
from lib_omost.webui.about import report
from lib_omost.webui.host_detection import find_host, unsupported_model
from lib_omost.webui.messages import PREFIX
from lib_omost.webui.prompt_file import find_prompt_file
from lib_omost.webui.sampling_session import SamplingSession
from lib_omost.webui.send_to_img2img import SendToImg2img
from lib_omost.webui.services import PROGRAM, get_compose_service, get_library
from lib_omost.webui.xyz_axes import AXES


class OmostScript(scripts.Script):  # type: ignore[misc]
    """Omost in txt2img and img2img; the host creates one script object for each tab.

    The Generation of a job is stored in the job, as `p.omost`, because jobs nest: an extension may
    run another job in a hook of the first one.
    """

    session = SamplingSession(find_host, PROGRAM, ComposedCanvases(PROGRAM, get_compose_service))
    """The hooks in the host, shared by both tabs, which sample with the same model."""

    sending = SendToImg2img(PROGRAM)
    """Connects txt2img's gallery with img2img's accordion while a page is being built."""

    def title(self) -> str:
        """Returns the name in `alwayson_scripts` of the API; the host ignores its case."""
        return "Omost"

    def show(self, is_img2img: bool) -> Any:
        """Shows the script in both tabs."""
        return scripts.AlwaysVisible

    def ui(self, is_img2img: bool) -> list[Any]:
        """Builds the tab's accordion; the host calls this three times for each tab."""
        tab = Tab("img2img" if is_img2img else "txt2img")
        editor = EditorAnswers(lambda: unsupported_model(lambda: self.session.host))
        components = build(tab, InputAccordion, get_compose_service, get_library, report, editor)
        self.infotext_fields = [(components[name], paste) for name, paste in infotext.PASTE.items()]
        if is_img2img:
            self.sending.wire(components)
        else:
            self.sending.watch(self, components)
        return list(components.values())

    def setup(self, p: Any, *args: Any) -> None:
        """Finds "Prompts from file" if it makes the pictures; its copies of p share the result."""
        p.omost_file = find_prompt_file(p)

    def before_process(self, p: Any, *args: Any) -> None:
        """Starts a Generation if Omost is on, and prepares the host for any job.

        Removes hooks that a crashed job left, and unloads the language model if memory is short.
        """
        # The first job imports the attention and encoding modules, which the page does not need.
        from lib_omost.webui.generation import Generation

        # A copy of a job shares this dict; the job's entries must not change with the copy.
        p.extra_generation_params = dict(p.extra_generation_params)
        p.omost = generation = Generation(self.session, img2img=self.is_img2img)
        with generation.catching_failures():
            infotext.remove_parameters(p.extra_generation_params)
            values = read_values(args, getattr(p, AXES, {}))
            if switched_on(values):
                generation.start(p, values)
            else:
                p.omost = None
        with generation.catching_failures():
            self.session.clear()
        with generation.catching_failures():
            get_compose_service().before_sampling()
        if p.omost is None and generation.failure:
            p.comment(f"{PREFIX}{generation.failure}")

    def before_process_batch(self, p: Any, *args: Any, **kwargs: Any) -> None:
        """Reads the batch's prompts, or ends the job with a message."""
        if getattr(p, "omost", None):
            p.omost.before_batch(p)

    def process_before_every_sampling(self, p: Any, *args: Any, **kwargs: Any) -> None:
        """Prepares the regions for the next sampling."""
        if getattr(p, "omost", None):
            p.omost.before_sampling(p, kwargs.get("x"))

    def postprocess(self, p: Any, processed: Any, *args: Any) -> None:
        """Adds the messages to the API's answer, which lacks the job's comments."""
        if getattr(p, "omost", None):
            p.omost.report(p, processed)
