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
        self._accordion: list[Any] = []
        self._host_components: dict[str, Any] = {}

    def watch(self, script: Any, components: Mapping[str, Any]) -> None:
        """Stores txt2img's accordion, and its gallery and buttons when the host has built them."""
        self._accordion = [components[name] for name in infotext.PASTE]
        self._host_components = {}
        for element in (GALLERY, *BUTTONS):
            script.on_after_component(partial(self._store_component, element), elem_id=element)

    def _store_component(self, element: str, event: Any) -> None:
        self._host_components[element] = event.component

    def wire(self, components: Mapping[str, Any]) -> None:
        """Connects the buttons with img2img's accordion; does nothing if no page is being built."""
        host_components, self._host_components = self._host_components, {}
        if set(host_components) != {GALLERY, *BUTTONS}:
            return
        from lib_omost.ui.components import SCRIPT_ARGUMENT

        for button in BUTTONS:
            host_components[button].click(
                partial(sent, self._program.infotext_of),
                inputs=[host_components[GALLERY], *self._accordion],
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
    restored = [paste(pasted) for paste in infotext.PASTE.values()]
    return [
        value if from_picture is None else from_picture
        for from_picture, value in zip(restored, values, strict=True)
    ]
