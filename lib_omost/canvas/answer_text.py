"""Finds the answer in a model's whole text: removes thinking, channel marks and invented turns.

Models mark their thinking with tags, channels or words that differ between families. The marks
reach the text because many programs and servers do not remove them.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Literal

_TAGS = ("think", "thinking", "thought", "thoughts", "reasoning", "reasoning_process", "reflection",
         "scratchpad", "analysis", "seed:think")  # fmt: skip
THINKING_MARKS = {
    **{f"<{name}>": f"</{name}>" for name in _TAGS},
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|start_thinking|>": "<|end_thinking|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel>": "<channel|>",
    "thinking...\n": "...done thinking.",
    "here is my thought process:": "here is my response:",
}
"""The marks around the thinking of known models in small letters: opening to closing mark."""

_CLOSING = frozenset(THINKING_MARKS.values())
_MARK = re.compile(
    r"[<\[◁][^<>\[\]◁▷\n]+[>\]▷]|assistant(?:final|analysis|commentary)(?!ly|iz|is)"
    r"|\.\.\.done thinking\.|Thinking\.\.\.\n|Here is my (?:thought process|response):",
    re.IGNORECASE,
)
"""Matches everything that may be a mark."""

_CHANNEL = re.compile(r"(\w+)\b[^<\n]*(?:<\|constrain\|>[^<\n]*)?<\|message\|>")
_TURNS = ("<|start_header_id|>", "<|im_start|>", "<start_of_turn>", "<|start|>", "<|turn>")
_ROLE = re.compile(r"(\w{1,20})(?:[ \t]+to=[\w.]{1,50})?(?:<\|end_header_id\|>)?")
_ROLES = {f"{mark}{role}{end}": role for mark, end in (("<|", "|>"), ("<｜", "｜>"))
          for role in ("user", "assistant", "system")}  # fmt: skip
_TOKEN = re.compile(
    r"<\|[\w ]{1,30}\|>|<｜[^｜<>]{1,30}｜>|</?s>|<(?:end|start)_of_turn>|<turn\|>"
    r"|<(?:eos|bos|pad|eot|end_of_text)>|\[/?(?:inst|tool_calls|available_tools)\]"
    r"|</?(?:answer|response|output|tool_call|function_call|final_answer)>"
)
"""Matches the marks that only separate parts of the answer."""

_PLAIN_ANALYSIS = re.compile(r"[ \t\n]*analysis(?=[A-Z]|[ \t\n])")
_ENTITY_QUOTE = re.compile(r"[=:({\[,][ \t\n]*&(?:amp;)?(?:quot|apos|#0*3[49]|#x0*2[27]);")
_ENTITY_MARK = re.compile(r"&lt;/?(?:think|reasoning)")
_ESCAPED_NAME = re.compile(r"(?:set|add|HTML|web|color|detailed|distance|to|quality)\\_[a-z]")
_ESCAPED_MARK = re.compile(r"\\([_*\[\]~\x23])")

_ESCAPED_JSON = re.compile(r"[{\[][ \t\n]*\\\"")
_ESCAPED_CHARACTER = re.compile(r"\\([\"\\/nrt])")

State = Literal["answer", "thinking", "other"]


@dataclass
class AnswerText:
    """A model's text in parts; every part has all line breaks, so that line numbers stay valid.

    Attributes:
        answer: The answer without thinking, marks and the turns of other speakers.
        thinking: The thinking alone; empty if there is none.
        notes: The removed or repaired marks, with the line of the first one of each kind.
        warnings: The same for removed text that might have belonged to the answer.
    """

    answer: str
    thinking: str = ""
    notes: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)


def split_answer(text: str) -> AnswerText:
    """Separates a model's text into thinking and answer, in linear time.

    Thinking ends at its closing mark. Without an opening mark, it begins with the text; without a
    closing one, it ends with the text.

    Args:
        text: All text of one answer, or a transcript of a chat.
    """
    result = AnswerText("")
    splitter = _Splitter(_repair_escapes(text, result), result)
    splitter.split()
    return result


class _Splitter:
    """Cuts a text at its marks and distributes the pieces."""

    def __init__(self, text: str, result: AnswerText) -> None:
        self.text = text
        self.result = result
        self.state: State = "answer"
        self.pieces: list[tuple[State, str]] = []
        self.thinking_pieces = 0  # the first pieces are thinking, whatever their state was
        self.line = 1

    def split(self) -> None:
        position = self._skip_plain_analysis()
        is_transcript = False
        for found in _MARK.finditer(self.text, position):
            if found.start() < position or (self.state == "answer" and self._is_quoted(found)):
                continue
            mark, end, role = self._complete_mark(found)
            state = self._next_state(mark, role)
            if state is None:
                continue
            self._add(position, found.start())
            self._note_mark(mark)
            if state == "other":
                is_transcript = is_transcript or not self._has_answer()
                if not is_transcript:
                    self._note_invented_turn()
                    self._add_lines(found.start(), len(self.text))
                    position = len(self.text)
                    break
            elif mark in _CLOSING and self.state == "answer":
                self.thinking_pieces = len(self.pieces)
            self.state = state
            self._add_lines(found.start(), end)
            position = end
        self._add(position, len(self.text))
        first = self.thinking_pieces
        self.pieces[:first] = [("thinking", piece) for _, piece in self.pieces[:first]]
        self.result.answer = self._part("answer")
        if any(state == "thinking" and piece.strip() for state, piece in self.pieces):
            self.result.thinking = self._part("thinking")

    def _complete_mark(self, found: re.Match[str]) -> tuple[str, int, str]:
        """Returns a mark in small letters, its end, and the channel or role that it names."""
        mark = found.group().lower()
        name = None
        if mark == "<|channel|>":
            name = _CHANNEL.match(self.text, found.end())
        elif mark in _TURNS or mark == "<|channel>":
            name = _ROLE.match(self.text, found.end())
        if name is not None:
            return mark, name.end(), name[1].lower()
        return mark, found.end(), _ROLES.get(mark, "")

    def _next_state(self, mark: str, name: str) -> State | None:
        """Returns the state after a mark; None if it is no mark."""
        if mark.startswith("assistant") or mark == "<|channel|>":
            return "thinking" if "analysis" in (name, mark[len("assistant") :]) else "answer"
        if mark in _TURNS or mark in _ROLES:
            return "answer" if name in ("assistant", "model", "") else "other"
        if mark in THINKING_MARKS:
            return "thinking"
        if mark in _CLOSING:
            return "answer"
        return self.state if _TOKEN.fullmatch(mark) else None

    def _note_mark(self, mark: str) -> None:
        if mark.startswith("assistant") or mark == "<|channel|>":
            self._note("the text has channels; the final one is the answer")
        elif mark in THINKING_MARKS or mark in _CLOSING:
            self._note("the thinking before the answer is left out")
        elif mark not in _TURNS and mark not in _ROLES:
            self._note(f"the token {mark!r} is left out")

    def _note_invented_turn(self) -> None:
        message = "the model invented a turn of the user after its answer; it is left out"
        self.result.warnings[message] = self.line

    def _skip_plain_analysis(self) -> int:
        """Enters the analysis channel of a text that has lost the marks of its channels."""
        start = _PLAIN_ANALYSIS.match(self.text)
        if start is None:
            return 0
        next_channels = ("assistantfinal", "assistantcommentary")
        is_glued = self.text[start.end()].isalpha()
        if not is_glued and not any(channel in self.text for channel in next_channels):
            return 0
        self._add_lines(0, start.end())
        self._note("the text has channels; the final one is the answer")
        self.state = "thinking"
        return start.end()

    def _is_quoted(self, mark: re.Match[str]) -> bool:
        """Returns whether a mark is inside a quoted value of code or JSON on its line."""
        line_start = self.text.rfind("\n", max(mark.start() - 300, 0), mark.start()) + 1
        before = self.text[max(line_start, mark.start() - 300) : mark.start()]
        line_end = self.text.find("\n", mark.end(), mark.end() + 300)
        after = self.text[mark.end() : line_end if line_end >= 0 else mark.end() + 300]
        quote = max(before.rfind("'"), before.rfind('"'))
        start = before[:quote].strip()
        opens_value = not start or start.endswith(("=", ":", "(", "[", ","))
        return quote >= 0 and opens_value and before[quote] in after

    def _has_answer(self) -> bool:
        return any(
            state == "answer" and ("{" in piece or "(" in piece) for state, piece in self.pieces
        )

    def _add(self, start: int, end: int) -> None:
        piece = self.text[start:end]
        self.pieces.append((self.state, piece))
        self.line += piece.count("\n")

    def _add_lines(self, start: int, end: int) -> None:
        """Replaces a mark by its line breaks."""
        lines = "\n" * self.text.count("\n", start, end)
        self.pieces.append((self.state, lines))
        self.line += len(lines)

    def _part(self, state: State) -> str:
        return "".join(
            piece if piece_state == state else "\n" * piece.count("\n")
            for piece_state, piece in self.pieces
        )

    def _note(self, message: str) -> None:
        self.result.notes.setdefault(message, self.line)


def _repair_escapes(text: str, result: AnswerText) -> str:
    """Removes the HTML entities and Markdown escapes of a text copied from a page."""
    found = "&" in text and (_ENTITY_QUOTE.search(text) or _ENTITY_MARK.search(text))
    if found:
        result.notes["HTML entities are read as characters"] = _line(text, found)
        text = html.unescape(html.unescape(text) if "&amp;" in text else text)
    found = _ESCAPED_JSON.search(text)
    if found and '"' not in text[: found.end() - 1]:
        result.notes["the backslashes of a text in JSON are left out"] = _line(text, found)
        text = _ESCAPED_CHARACTER.sub(lambda char: " " if char[1] in "nrt" else char[1], text)
    found = "\\_" in text and _ESCAPED_NAME.search(text)
    if found:
        result.notes["the backslashes of Markdown are left out"] = _line(text, found)
        text = _ESCAPED_MARK.sub(r"\1", text)
    return text


def _line(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1
