"""What goes into the API and comes out, for pydantic 1 (A1111) and 2 (Forge) alike."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, StrictBool, StrictStr, confloat, conint

from lib_omost.canvas.diagnostics import Severity
from lib_omost.canvas.files import Form
from lib_omost.canvas.limits import MAX_CHARACTERS
from lib_omost.compose.model_state import Phase

MAX_NAME = 1000
MAX_PREVIEW = 2048

EXAMPLE = (
    "canvas = Canvas()\\ncanvas.set_global_description(description='A quiet harbour.', "
    "detailed_descriptions=[], tags='harbour', HTML_web_color_name='lightsteelblue')"
).replace("\\n", "\n")


def whole(low: int, high: int) -> Any:
    """The type of a whole number between two bounds, and of nothing like one."""
    return conint(strict=True, ge=low, le=high)


def number(low: float, high: float) -> Any:
    """The type of a number between two bounds; to pydantic 1 a whole one is none."""
    return confloat(strict=True, ge=low, le=high) | whole(ceil(low), floor(high))


if TYPE_CHECKING:
    Seed = int
    Side = int
    Seconds = float
    Version = int
else:
    # Bounds are in the types, as pydantic 1 takes them nowhere else for strict numbers.
    Seed = whole(0, 2**63 - 1)
    Side = whole(1, MAX_PREVIEW)
    Seconds = number(0, 86_400)
    Version = whole(1, 1_000)


class RequestBody(BaseModel, extra="forbid"):
    """What a request holds: nothing but what is known."""


class Problem(BaseModel):
    """Why a request was not answered."""

    detail: str = Field(
        title="What was wrong, in one sentence",
        examples=["There is no request to answer: say what the picture is to show."],
    )


class Finding(BaseModel):
    """One plain sentence about a text that was read."""

    severity: Severity = Field(
        title="How grave it is",
        description="note: repaired without loss; warning: something was lost or guessed; "
        "error: no canvas can be read.",
    )
    message: str
    line: int | None = Field(None, title="The line to blame, from 1")


class UnreadableProblem(Problem):
    """Why a text was not read."""

    diagnostics: list[Finding] | None = Field(None, title="All that is wrong with the text")


class CanvasText(RequestBody):
    """A canvas as text."""

    text: StrictStr = Field(
        max_length=MAX_CHARACTERS,
        title="The canvas",
        description="Canvas code, a model's whole answer, canvas JSON or ComfyUI_omost's JSON.",
        examples=[EXAMPLE],
    )


class ConvertRequest(CanvasText):
    """A canvas as text, and the form that it is to have."""

    to: Form = Field(
        title="The form",
        description="code: canvas code; json: canvas JSON; comfy: ComfyUI_omost's JSON.",
        examples=["json"],
    )


class PreviewRequest(CanvasText):
    """A canvas as text, and how it is to be drawn."""

    width: Side = Field(1024, title="Width in pixels")
    height: Side = Field(1024, title="Height in pixels")
    outlines: StrictBool = Field(
        True, title="Outlines", description="Also each box's edge, its number and first words."
    )


class CanvasFound(BaseModel):
    """What was found in a text."""

    readable: bool = Field(title="It holds a canvas")
    regions: int = Field(title="The regions of the canvas")
    diagnostics: list[Finding]


class CanvasWritten(BaseModel):
    """A canvas in the form that was asked for."""

    to: Form
    text: str = Field(title="The canvas")
    diagnostics: list[Finding] = Field(title="What was repaired or left out when it was read")


class ChatTurnBody(RequestBody):
    """A request and its answer."""

    request: StrictStr = Field(title="What was asked", examples=["a quiet harbour"])
    answer: StrictStr = Field("", title="What the model answered", description="Empty: not yet.")
    seed: Seed = Field(0, title="The seed with which it was written")
    page: StrictStr | None = Field(
        None,
        title="The canvas that was to be changed",
        description="null: that of the turn before; empty: none.",
    )
    result: StrictStr = Field(
        "",
        title="The canvas that came of the answer",
        description="Where it holds more than the answer says.",
    )


class ConversationBody(RequestBody):
    """A conversation to answer with a canvas, without the settings of composing."""

    request: StrictStr | None = Field(
        None,
        min_length=1,
        title="Describes the picture, or a change to it",
        description="Without it the last of `turns`, which has no answer yet, is answered.",
        examples=["a red boat in a quiet harbour"],
    )
    turns: list[ChatTurnBody] = Field(
        [], title="What was said before", description="As `turns` of an earlier answer."
    )
    canvas: StrictStr | None = Field(
        None,
        title="The canvas that is to be changed",
        description="In any form; null: that of the last turn, if there is one; empty: none.",
        examples=[EXAMPLE],
    )
    seed: Seed | None = Field(
        None, title="The seed", description="The same seed, model and chat give the same answer."
    )
    task: StrictStr = Field(
        "", max_length=MAX_NAME, title="The id under which the host's progress bar shows it"
    )
    wait: Seconds | None = Field(
        600,
        title="Seconds to wait for a picture that is being made",
        description="null: as long as it takes.",
    )
    stream: StrictBool = Field(
        False,
        title="Answer with server-sent events",
    )


class ComposeAnswer(BaseModel):
    """A model's answer, and the canvas that was read in it."""

    answer: str = Field(title="What the model wrote")
    canvas: dict[str, Any] | None = Field(None, title="The canvas as JSON, null for none")
    code: str | None = Field(
        None, title="The canvas as code", description="null where code cannot say all of it."
    )
    diagnostics: list[Finding]
    reason: Literal["finished", "length", "cancelled", "repetition"] = Field(title="Why it ended")
    tokens: int = Field(title="The tokens that were written")
    remarks: list[str] = Field(
        [], title="What to know beside the canvas", description="As words that the model left out."
    )
    turns: list[ChatTurnBody] = Field(title="The conversation, to be gone on with")


class FailedProblem(Problem):
    """Why nothing was written to the end."""

    answer: str = Field("", title="What was written before")


class TokensAnswer(BaseModel):
    """How long a conversation is to its model."""

    tokens: int | None = Field(None, title="The conversation's tokens, null if not known")
    context: int | None = Field(None, title="The tokens that the model reads, null if not known")
    note: str = Field(title="What to know of the model, or why it cannot be used")


class ModelEntry(BaseModel):
    """A model that has a name, and what it does at the moment."""

    name: str
    note: str = Field(title="What to know before choosing it")
    needs: str = Field(title="The memory and the download that it takes")
    phase: Phase = Field(title="What it does", description="unloaded: it was loaded before.")
    fraction: float | None = Field(None, title="How much of it is loaded, from 0 to 1")


class MemoryEntry(BaseModel):
    """Bytes of a device's memory."""

    device: Literal["graphics card", "machine"]
    used: int = Field(title="What all programs use")
    total: int = Field(title="What it has")


class ModelList(BaseModel):
    """The models that have names."""

    models: list[ModelEntry]
    memory: MemoryEntry | None = Field(None, title="The memory, null if not known")


class PresetNames(BaseModel):
    """The names of all presets."""

    presets: list[str]


class ImportedPreset(RequestBody):
    """A canvas that has a name, and the settings that it sets."""

    canvas: StrictStr = Field(title="The canvas as text, in any form")
    settings: dict[str, Any] = Field({}, title="The settings; what is not known is left out")


class ImportedLibrary(RequestBody):
    """Presets by their names, as GET library writes them and the page exports them."""

    omost_library: Version = Field(title="The version of its form")
    presets: dict[str, ImportedPreset]
    left_out: list[str] = Field([], title="What the export left out; it has no effect")


class NewName(RequestBody):
    """Another name for a preset."""

    name: StrictStr = Field(min_length=1, max_length=MAX_NAME, title="The new name")
