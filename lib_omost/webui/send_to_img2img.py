"""Sends a picture's own canvas and settings along with "Send to img2img" and "to inpaint"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lib_omost import infotext
from lib_omost.program.port import JobProgram

GALLERY = "txt2img_gallery"
BUTTONS = "txt2img_send_to_img2img", "txt2img_send_to_inpaint"

SELECTED = "(gallery, ...values) => [...extract_image_from_gallery(gallery), ...values]"
"""JavaScript that replaces the gallery by its selected picture, with the host's function."""


class SendToImg2img:
    """Connects txt2img's gallery with img2img's accordion while a page is being built.

    Without it the host would send the values in txt2img's accordion, whichever picture is selected.
    """

    def __init__(self, program: JobProgram) -> None:
        self._program = program
        self._sent: list[Any] = []
        self._seen: dict[str, Any] = {}

    def watch(self, script: Any, components: Mapping[str, Any]) -> None:
        """Notes the accordion of txt2img; the script is told when gallery and buttons are built."""
        self._sent = [components[name] for name in infotext.PASTE]
        self._seen = {}
        for element in (GALLERY, *BUTTONS):
            script.on_after_component(partial(self._see, element), elem_id=element)

    def _see(self, element: str, event: Any) -> None:
        self._seen[element] = event.component

    def wire(self, components: Mapping[str, Any]) -> None:
        """Connects the buttons with img2img's accordion; does nothing if no page is being built."""
        seen, self._seen = self._seen, {}
        if set(seen) != {GALLERY, *BUTTONS}:
            return
        from lib_omost.ui.components import SCRIPT_ARGUMENT

        for button in BUTTONS:
            seen[button].click(
                partial(sent, self._program.infotext_of),
                inputs=[seen[GALLERY], *self._sent],
                outputs=[components[name] for name in infotext.PASTE],
                show_progress=False,
                **{SCRIPT_ARGUMENT: SELECTED},
            )


def sent(infotext_of: Callable[[Any], Mapping[str, Any]], picture: Any, *values: Any) -> list[Any]:
    """Returns the values that go to img2img.

    Args:
        infotext_of: Reads a picture's infotext.
        picture: The selected picture as the gallery has it.
        values: The accordion's values, used for settings that the infotext lacks.
    """
    from modules.infotext_utils import image_from_url_text

    image = image_from_url_text(picture)
    pasted = infotext_of(image) if image is not None else {}
    own = [paste(pasted) for paste in infotext.PASTE.values()]
    return [value if mine is None else mine for mine, value in zip(own, values, strict=True)]
