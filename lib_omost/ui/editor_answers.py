"""Parses the region editor's canvas text on the server: canvas, diagnostics, warnings and tokens.

The page stores the text. Each request contains it, and the server stores nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas, Syntax
from lib_omost.text.sub_prompt import CountTokens, SubPrompt
from lib_omost.ui import texts
from lib_omost.ui.editor_tokens import clip_counter, token_counts
from lib_omost.ui.editor_warnings import region_warnings
from lib_omost.ui.localisation import say


@dataclass(frozen=True)
class EditorQuestion:
    """A request of the page: the canvas text, and the settings that its encoding depends on.

    Attributes:
        id: The version of the text. The reply repeats it, and the page ignores outdated replies.
        text: The text of the canvas box.
        prompt: The text of the prompt box.
        canvas_text: The setting `canvas_text`.
        method: The setting `method`.
        prompt_role: The setting `prompt_role`.
    """

    id: int
    text: str
    prompt: str = ""
    canvas_text: Syntax = "plain"
    method: str = "omost"
    prompt_role: str = "whole picture"

    @property
    def reading(self) -> dict[str, Any]:
        """Returns the arguments of `token_counts` that follow from the settings.

        `Generation` derives the same values for a picture.
        """
        common_prefix = None
        if self.prompt.strip() and self.prompt_role == "every region":
            common_prefix = SubPrompt(self.prompt, "webui", "the prompt box")
        return {
            "canvas_text": self.canvas_text,
            "common_prefix": common_prefix,
            "with_global_prefix": self.method != "area",
        }


class EditorAnswers:
    """Answers the requests of the region editor.

    Args:
        unsupported: Returns why regions cannot steer the loaded model, "" if they can.
        counter: Returns the function that counts tokens, None if no tokenizer is available.
    """

    def __init__(
        self,
        unsupported: Callable[[], str] = str,
        counter: Callable[[], CountTokens | None] = clip_counter,
    ) -> None:
        self._unsupported = unsupported
        self._counter = counter

    def read(self, request: str) -> str:
        """Parses a canvas text.

        Args:
            request: The fields of EditorQuestion as JSON.

        Returns:
            JSON with `id`, `canvas` (the form of `formats.to_json`, null if the text holds no
            canvas), `diagnostics` and `warnings`. A warning's region counts from 1; 0 is the whole
            picture.
        """
        question = EditorQuestion(**json.loads(request))
        reason = self._unsupported()
        warnings = (
            [{"message": say(texts.UNSUPPORTED, reason=reason), "region": 0}] if reason else []
        )
        if not question.text.strip():
            return _reply(question, canvas=None, diagnostics=[], warnings=warnings)
        reading = formats.read(question.text)
        diagnostics = [asdict(item) for item in reading.diagnostics]
        canvas, problem = _as_json(reading.canvas)
        if problem:
            diagnostics.append({"severity": "error", "message": problem, "line": None})
        if canvas is not None and reading.canvas is not None:
            warnings += [
                asdict(warning) for warning in region_warnings(reading.canvas, question.canvas_text)
            ]
        return _reply(question, canvas=canvas, diagnostics=diagnostics, warnings=warnings)

    def count(self, request: str) -> str:
        """Counts the tokens of a canvas.

        Args:
            request: The fields of EditorQuestion as JSON.

        Returns:
            JSON with `id` and the values of `token_counts`; only `id` without a canvas or a
            tokenizer.
        """
        question = EditorQuestion(**json.loads(request))
        canvas = formats.read(question.text).canvas if question.text.strip() else None
        count_tokens = self._counter() if canvas is not None else None
        if canvas is None or count_tokens is None:
            return _reply(question)
        return _reply(question, **token_counts(canvas, count_tokens, **question.reading))


def _as_json(canvas: Canvas | None) -> tuple[Any, str]:
    """Returns the canvas as JSON values, or the reason why JSON cannot express it."""
    if canvas is None:
        return None, ""
    try:
        return json.loads(formats.to_json(canvas)), ""
    except formats.CanvasWriteError as error:
        return None, str(error)


def _reply(question: EditorQuestion, **values: Any) -> str:
    return json.dumps({"id": question.id, **values})
