"""The settings and each picture's own canvas in its infotext, and back by Paste."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas
from lib_omost.canvas.packed_text import MAX_JPEG_CHARACTERS, pack
from lib_omost.settings import FIELDS, Settings, from_infotext
from lib_omost.text.prompt_box import typed_prompt

CANVAS = "Omost canvas"
SETTINGS = "Omost"
COMPOSITION = "Omost composition"
"""The keys; pictures out there carry them, so they never change."""

Pasted = Mapping[str, Any]
"""An infotext as the host read it; "Steps" is in every one that has parameters at all."""


def remove(parameters: dict[str, Any]) -> None:
    """Take our keys out of a job's parameters: copies of a job share one dict in both hosts."""
    for key in (CANVAS, SETTINGS, COMPOSITION):
        parameters.pop(key, None)


def add(
    parameters: dict[str, Any],
    settings: Settings,
    canvases: Sequence[Canvas],
    compositions: Sequence[str] = (),
) -> None:
    """Add our keys to a job's parameters; the host writes them into every picture.

    compositions: what composed each canvas, where they come from the prompts.
    """
    parameters[CANVAS] = _each([_packed(canvas) for canvas in canvases])
    parameters[SETTINGS] = settings.infotext()
    if compositions:
        parameters[COMPOSITION] = _each(compositions)


def fits_jpeg(canvases: Sequence[Canvas]) -> bool:
    """Whether a JPEG's metadata have room for each canvas; a host fails to write more."""
    return all(len(_packed(canvas)) <= MAX_JPEG_CHARACTERS for canvas in canvases)


def _packed(canvas: Canvas) -> str:
    return pack(files.to_json(canvas))


def _each(written: Sequence[str]) -> Any:
    """What the host is to write: one text, or each picture's own."""
    return written[0] if len(written) == 1 else partial(_own, written)


def _own(
    written: Sequence[str],
    *,
    p: Any,
    index: int,
    all_prompts: Sequence[str],
    use_main_prompt: bool = False,
    **_: Any,
) -> str:
    """The text of one picture, called by the host with what it knows while writing infotext.

    The host counts `index` within the batch where it hands over that batch's prompts alone, else
    within the job. A grid shows the job's first.
    """
    in_batch = len(all_prompts) < len(p.all_prompts)
    number = index + p.iteration * p.batch_size if in_batch else index
    return written[0 if use_main_prompt else number % len(written)]


def own_values(pasted: Pasted) -> dict[str, Any]:
    """Return what a picture that is worked on again keeps of its own, by the names of settings.

    All else is that of the page, as with the host's own settings.
    """
    if CANVAS not in pasted:
        return {}
    role = _paste_setting("prompt_role", pasted)
    return {"canvas": pasted[CANVAS], "canvas_source": "page", "prompt_role": role}


def restore_prompt(pasted: dict[str, Any]) -> None:
    """Take a canvas's description out of a pasted "Prompt" that the user had left empty.

    An empty prompt box is encoded, and written into the infotext, as the canvas's description.
    Left in the box it would act as a prompt of its own beside the next canvas.
    """
    canvas = files.read(pasted[CANVAS]).canvas if CANVAS in pasted else None
    if canvas is not None and pasted.get("Prompt"):
        canvas_text = _paste_setting("canvas_text", pasted)
        pasted["Prompt"] = typed_prompt(pasted["Prompt"], canvas, canvas_text)


def _paste_enabled(pasted: Pasted) -> bool | None:
    """On for a picture made with a canvas, off for another, unchanged for a mere prompt."""
    return CANVAS in pasted if CANVAS in pasted or "Steps" in pasted else None


def _paste_canvas(pasted: Pasted) -> str | None:
    """The picture's canvas as canvas code where that says all of it, else as JSON."""
    written = pasted.get(CANVAS)
    canvas = files.read(written).canvas if written else None
    return written if canvas is None else files.to_text(canvas)


def _paste_setting(name: str, pasted: Pasted) -> Any:
    """A setting of a picture made with a canvas; unchanged for others."""
    return from_infotext(pasted.get(SETTINGS, "{}"))[name] if CANVAS in pasted else None


PASTE: dict[str, Callable[[Pasted], Any]] = {
    name: partial(_paste_setting, name) for name in FIELDS
} | {"enabled": _paste_enabled, "canvas": _paste_canvas}
"""How each setting is pasted."""
