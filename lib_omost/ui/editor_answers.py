"""The server's side of the region editor: what a canvas's text says, and what is to be known.

The page keeps the text; nothing of it is kept here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from lib_omost.canvas import files
from lib_omost.canvas.model import Canvas, Syntax
from lib_omost.text.sub_prompt import CountTokens, SubPrompt
from lib_omost.ui import texts
from lib_omost.ui.editor_tokens import clip_counter, token_counts
from lib_omost.ui.editor_warnings import region_warnings
from lib_omost.ui.localisation import say


@dataclass(frozen=True)
class EditorQuestion:
    """What the page asks about: a canvas's text, and the settings that its texts depend on.

    id: comes back with the reply, which the page takes only while it is the latest.
    """

    id: int
    text: str
    prompt: str = ""
    canvas_text: Syntax = "plain"
    method: str = "omost"
    prompt_role: str = "whole picture"

    @property
    def reading(self) -> dict[str, Any]:
        """How the texts become sub-prompts, as `Generation` has it."""
        common_prefix = None
        if self.prompt.strip() and self.prompt_role == "every region":
            common_prefix = SubPrompt(self.prompt, "webui", "the prompt box")
        return {
            "canvas_text": self.canvas_text,
            "common_prefix": common_prefix,
            "with_global_prefix": self.method != "area",
        }


class EditorAnswers:
    """Answers the page of the editor.

    unsupported: why regions cannot steer the loaded model, "" where they can.
    counter: gives what counts tokens, None where nothing can; asked for at the first count.
    """

    def __init__(
        self,
        unsupported: Callable[[], str] = str,
        counter: Callable[[], CountTokens | None] = clip_counter,
    ) -> None:
        self._unsupported = unsupported
        self._counter = counter

    def read(self, request: str) -> str:
        """Reads a canvas's text; request and reply are JSON.

        The reply has `id`, `canvas` (in the form of `files.to_json`, None where there is none),
        `diagnostics` and `warnings`, of the whole and of regions by their number from 1.
        """
        asked = EditorQuestion(**json.loads(request))
        reason = self._unsupported()
        warnings = (
            [{"message": say(texts.UNSUPPORTED, reason=reason), "region": 0}] if reason else []
        )
        if not asked.text.strip():
            return _reply(asked, canvas=None, diagnostics=[], warnings=warnings)
        reading = files.read(asked.text)
        diagnostics = [asdict(item) for item in reading.diagnostics]
        canvas, problem = _as_json(reading.canvas)
        if problem:
            diagnostics.append({"severity": "error", "message": problem, "line": None})
        if canvas is not None and reading.canvas is not None:
            warnings += [
                asdict(warning) for warning in region_warnings(reading.canvas, asked.canvas_text)
            ]
        return _reply(asked, canvas=canvas, diagnostics=diagnostics, warnings=warnings)

    def count(self, request: str) -> str:
        """Counts a canvas's tokens; the reply has `id` and what `token_counts` returns.

        It has `id` alone where there is no canvas, or nothing that counts.
        """
        asked = EditorQuestion(**json.loads(request))
        canvas = files.read(asked.text).canvas if asked.text.strip() else None
        count_tokens = self._counter() if canvas is not None else None
        if canvas is None or count_tokens is None:
            return _reply(asked)
        return _reply(asked, **token_counts(canvas, count_tokens, **asked.reading))


def _as_json(canvas: Canvas | None) -> tuple[Any, str]:
    """The canvas as JSON's values, or why it has none."""
    if canvas is None:
        return None, ""
    try:
        return json.loads(files.to_json(canvas)), ""
    except files.CanvasWriteError as error:
        return None, str(error)


def _reply(asked: EditorQuestion, **values: Any) -> str:
    return json.dumps({"id": asked.id, **values})
