"""Schemas of the API's requests and answers, for pydantic 1 (A1111) and pydantic 2 (Forge)."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, StrictBool, StrictStr, confloat, conint

from lib_omost.canvas.conversion import CanvasFormat
from lib_omost.canvas.diagnostics import Severity
from lib_omost.canvas.limits import MAX_CHARACTERS
from lib_omost.compose.model_state import Phase

MAX_NAME = 1000
MAX_PREVIEW = 2048

EXAMPLE = (
    "canvas = Canvas()\\ncanvas.set_global_description(description='A quiet harbour.', "
    "detailed_descriptions=[], tags='harbour', HTML_web_color_name='lightsteelblue')"
).replace("\\n", "\n")


def whole(low: int, high: int) -> Any:
    """Returns the strict type of an integer from `low` to `high`."""
    return conint(strict=True, ge=low, le=high)


def number(low: float, high: float) -> Any:
    """Returns the strict type of a float or an integer from `low` to `high`."""
    return confloat(strict=True, ge=low, le=high) | whole(ceil(low), floor(high))


if TYPE_CHECKING:
    Seed = int
    Side = int
    Seconds = float
    Version = int
else:
    # Pydantic 1 accepts the bounds of strict numbers only within the type.
    Seed = whole(0, 2**63 - 1)
    Side = whole(1, MAX_PREVIEW)
    Seconds = number(0, 86_400)
    Version = whole(1, 1_000)


class RequestBody(BaseModel, extra="forbid"):
    """Base class of request bodies, which refuses unknown fields."""


class Problem(BaseModel):
    """The reason why a request failed."""

    detail: str = Field(
        title="The problem in one sentence",
        examples=["The conversation has no unanswered request. Describe the picture."],
    )


class Finding(BaseModel):
    """One diagnostic of a parsed canvas text."""

    severity: Severity = Field(
        title="Severity",
        description="note: repaired without loss; warning: content was lost or guessed; "
        "error: the text holds no canvas.",
    )
    message: str
    line: int | None = Field(None, title="Line of the problem, from 1")


class UnreadableProblem(Problem):
    """The reason why a text holds no canvas."""

    diagnostics: list[Finding] | None = Field(None, title="All problems of the text")


class CanvasText(RequestBody):
    """A canvas as text."""

    text: StrictStr = Field(
        max_length=MAX_CHARACTERS,
        title="The canvas",
        description="Canvas code, a whole answer of a model, canvas JSON, ComfyUI_omost's JSON, a "
        "layout of another program or the infotext of a picture.",
        examples=[EXAMPLE],
    )


class ConvertRequest(CanvasText):
    """A canvas as text, and the form to convert it to."""

    to: CanvasFormat = Field(
        title="The new form",
        description="code: canvas code; json: canvas JSON; comfy: ComfyUI_omost's JSON; the others "
        "are layouts of other programs.",
        examples=["json"],
    )
    width: Side = Field(1024, title="Width in pixels, for comfy-boxes")
    height: Side = Field(1024, title="Height in pixels, for comfy-boxes")


class PreviewRequest(CanvasText):
    """A canvas as text, and the options of its drawing."""

    width: Side = Field(1024, title="Width in pixels")
    height: Side = Field(1024, title="Height in pixels")
    outlines: StrictBool = Field(
        True,
        title="Outlines",
        description="Draws the edge of each box, its number and the first words of its text.",
    )


class CanvasFound(BaseModel):
    """The result of parsing a text."""

    readable: bool = Field(title="The text holds a canvas")
    regions: int = Field(title="Number of regions")
    diagnostics: list[Finding]


class CanvasWritten(BaseModel):
    """A canvas in the requested form."""

    to: CanvasFormat
    text: str = Field(title="The canvas")
    diagnostics: list[Finding] = Field(title="Repairs and losses while the text was parsed")
    losses: list[Finding] = Field(title="Content that the requested form does not store")


class ChatTurnBody(RequestBody):
    """One turn of a conversation: a request and its answer."""

    request: StrictStr = Field(title="The user's request", examples=["a quiet harbour"])
    answer: StrictStr = Field("", title="The model's answer", description="Empty: no answer yet.")
    seed: Seed = Field(0, title="Seed of the answer")
    page: StrictStr | None = Field(
        None,
        title="The canvas that the request changes",
        description="null: the canvas of the previous turn; empty: no canvas.",
    )
    result: StrictStr = Field(
        "",
        title="The canvas after the answer",
        description="Set only if it differs from the canvas in the answer.",
    )
    thinking: StrictStr = Field(
        "",
        title="The model's thinking before the answer",
        description="No model reads it again.",
    )


class ConversationBody(RequestBody):
    """A conversation to answer with a canvas, without the compose settings."""

    request: StrictStr | None = Field(
        None,
        min_length=1,
        title="Description of the picture, or of a change to it",
        description="null: answers the last of `turns`, which must have no answer yet.",
        examples=["a red boat in a quiet harbour"],
    )
    turns: list[ChatTurnBody] = Field(
        [], title="Previous turns", description="The field `turns` of an earlier answer."
    )
    canvas: StrictStr | None = Field(
        None,
        title="The canvas to change",
        description="In any form. null: the canvas of the last turn, if any; empty: no canvas.",
        examples=[EXAMPLE],
    )
    seed: Seed | None = Field(
        None,
        title="Seed",
        description="The same seed, model and conversation give the same answer.",
    )
    task: StrictStr = Field("", max_length=MAX_NAME, title="Task id for the host's progress bar")
    wait: Seconds | None = Field(
        600,
        title="Seconds to wait while the host generates pictures",
        description="null: no limit.",
    )
    stream: StrictBool = Field(
        False,
        title="Answer with server-sent events",
    )


class ComposeAnswer(BaseModel):
    """A model's answer and the canvas parsed from it."""

    answer: str = Field(title="The model's text")
    canvas: dict[str, Any] | None = Field(
        None, title="The canvas as JSON, null if the answer holds none"
    )
    code: str | None = Field(
        None, title="The canvas as code", description="null if code cannot express it."
    )
    diagnostics: list[Finding]
    reason: Literal["finished", "length", "cancelled", "repetition"] = Field(
        title="Reason for the end of the answer"
    )
    tokens: int = Field(title="Number of generated tokens of the answer")
    thinking_tokens: int = Field(0, title="Number of generated tokens of the thinking")
    thinking: str = Field("", title="The model's thinking before the answer")
    remarks: list[str] = Field(
        [], title="Remarks", description="For example words that the model left out."
    )
    turns: list[ChatTurnBody] = Field(title="The conversation, for the next request")


class FailedProblem(Problem):
    """The reason why the model did not finish an answer."""

    answer: str = Field("", title="The unfinished answer")
    only_thinking: bool = Field(
        False,
        title="The thinking used up the tokens",
        description="Less thinking (`thinking`) or more tokens (`max_new_tokens`) help.",
    )


class TokensAnswer(BaseModel):
    """The length of a conversation and the context length of its model."""

    tokens: int | None = Field(None, title="Tokens of the conversation, null if unknown")
    context: int | None = Field(
        None, title="Context length of the model in tokens, null if unknown"
    )
    note: str = Field(title="Information about the model, or why it cannot be used")


class ModelEntry(BaseModel):
    """A named model and its present state."""

    name: str
    note: str = Field(title="Description")
    needs: str = Field(title="Required memory and download size")
    phase: Phase = Field(title="State", description="unloaded: the model was loaded before.")
    fraction: float | None = Field(None, title="Loaded part of the model, from 0 to 1")


class MemoryEntry(BaseModel):
    """Memory of a device in bytes."""

    device: Literal["graphics card", "machine"]
    used: int = Field(title="Bytes in use by all programs")
    total: int = Field(title="Bytes in total")


class ModelList(BaseModel):
    """The named models and the memory of their device."""

    models: list[ModelEntry]
    memory: MemoryEntry | None = Field(None, title="Memory, null if unknown")


class PresetNames(BaseModel):
    """The names of all presets."""

    presets: list[str]


class ImportedPreset(RequestBody):
    """A preset of an imported library: a canvas and settings."""

    canvas: StrictStr = Field(title="The canvas as text, in any form")
    settings: dict[str, Any] = Field({}, title="Settings of the preset; unknown ones are dropped")


class ImportedLibrary(RequestBody):
    """Presets by name, in the form that GET library and the page's export write."""

    omost_library: Version = Field(title="Version of the form")
    presets: dict[str, ImportedPreset]
    left_out: list[str] = Field([], title="Presets that the export left out; ignored")


class NewName(RequestBody):
    """The new name of a preset."""

    name: StrictStr = Field(min_length=1, max_length=MAX_NAME, title="The new name")
