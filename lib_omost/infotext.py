"""Writes settings and canvases into the infotext of pictures and reads them when it is pasted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.layouts.infotext import CANVAS_PARAMETER
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.packed_text import MAX_JPEG_CHARACTERS, pack
from lib_omost.settings import FIELDS, Settings, from_infotext
from lib_omost.text.prompt_box import typed_prompt

CANVAS = CANVAS_PARAMETER
SETTINGS = "Omost"
COMPOSITION = "Omost composition"
"""The infotext keys. They never change, because existing pictures contain them."""

Pasted = Mapping[str, Any]
"""An infotext as parsed by the host. Every infotext with parameters has the key "Steps"."""


def remove_parameters(parameters: dict[str, Any]) -> None:
    """Removes Omost's keys from a job's parameters, which copies of the job share in both hosts.

    Args:
        parameters: The job's extra generation parameters; changed in place.
    """
    for key in (CANVAS, SETTINGS, COMPOSITION):
        parameters.pop(key, None)


def add_parameters(
    parameters: dict[str, Any],
    settings: Settings,
    canvases: Sequence[Canvas],
    compositions: Sequence[str] = (),
) -> None:
    """Adds Omost's keys to a job's parameters, which the host writes into every picture.

    Args:
        parameters: The job's extra generation parameters; changed in place.
        settings: The settings of the job.
        canvases: One canvas for all pictures, or one canvas for each.
        compositions: For canvases that a model composed from prompts, a description of the model
            and its settings; one for all pictures, or one for each.
    """
    parameters[CANVAS] = _per_picture([_packed(canvas) for canvas in canvases])
    parameters[SETTINGS] = settings.infotext()
    if compositions:
        parameters[COMPOSITION] = _per_picture(compositions)


def fit_into_jpeg(canvases: Sequence[Canvas]) -> bool:
    """Returns whether each canvas fits into the metadata of a JPEG; hosts fail to write more.

    Args:
        canvases: The canvases of a job.
    """
    return all(len(_packed(canvas)) <= MAX_JPEG_CHARACTERS for canvas in canvases)


def _packed(canvas: Canvas) -> str:
    return pack(formats.to_json(canvas))


def _per_picture(texts: Sequence[str]) -> str:
    """Returns the infotext value: one text, or one that selects the text of a picture."""
    if len(texts) == 1:
        return texts[0]
    value = _TextOfPicture(texts[0])
    value.texts = texts
    return value


class _TextOfPicture(str):
    """The text of the first picture; the host calls it for the text of each picture.

    It is a string, because Forge Classic writes the job's parameters as JSON.
    """

    texts: Sequence[str]

    def __call__(
        self,
        *,
        p: Any,
        index: int,
        all_prompts: Sequence[str],
        use_main_prompt: bool = False,
        **_: Any,
    ) -> str:
        """Returns the text of one picture; the host calls it while it writes the infotext.

        The host counts `index` within the batch if `all_prompts` contains only that batch's
        prompts, otherwise within the job. A grid gets the text of the job's first picture.
        """
        in_batch = len(all_prompts) < len(p.all_prompts)
        number = index + p.iteration * p.batch_size if in_batch else index
        return self.texts[0 if use_main_prompt else number % len(self.texts)]


def reused_settings(pasted: Pasted) -> dict[str, Any]:
    """Returns the settings that a reused picture restores from its infotext.

    Args:
        pasted: The infotext of the picture that becomes the input of a new job.

    Returns:
        Values by the name of the setting. All other settings come from the page, as in the host.
    """
    if CANVAS not in pasted:
        return {}
    role = _paste_setting("prompt_role", pasted)
    return {"canvas": pasted[CANVAS], "canvas_source": "page", "prompt_role": role}


def restore_prompt(pasted: dict[str, Any]) -> None:
    """Clears a pasted "Prompt" that is only the canvas's description.

    An empty prompt box is encoded and recorded as the description of the canvas. Pasted back, the
    description would act as an additional prompt beside the next canvas.

    Args:
        pasted: The infotext; changed in place.
    """
    canvas = formats.read(pasted[CANVAS]).canvas if CANVAS in pasted else None
    if canvas is not None and pasted.get("Prompt"):
        canvas_text = _paste_setting("canvas_text", pasted)
        pasted["Prompt"] = typed_prompt(pasted["Prompt"], canvas, canvas_text)


def _paste_enabled(pasted: Pasted) -> bool | None:
    """Returns whether the picture has a canvas; None (unchanged) for a mere prompt."""
    return CANVAS in pasted if CANVAS in pasted or "Steps" in pasted else None


def _paste_canvas(pasted: Pasted) -> str | None:
    """Returns the picture's canvas as code if possible, otherwise as JSON; None if absent."""
    text = pasted.get(CANVAS)
    canvas = formats.read(text).canvas if text else None
    return text if canvas is None else formats.to_text(canvas)


def _paste_setting(name: str, pasted: Pasted) -> Any:
    """Returns a setting of a picture with a canvas; None (unchanged) for other pictures."""
    return from_infotext(pasted.get(SETTINGS, "{}"))[name] if CANVAS in pasted else None


PASTE: dict[str, Callable[[Pasted], Any]] = {
    name: partial(_paste_setting, name) for name in FIELDS
} | {"enabled": _paste_enabled, "canvas": _paste_canvas}
"""Maps a setting to the function that reads its value from a pasted infotext."""
