"""Adapts requests to one model of a server: changes what its errors name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.llm.chat_template import without_system
from lib_omost.llm.engine import Message
from lib_omost.llm.server.error_reply import ErrorReply

OPTIONAL_FIELDS = (
    "seed",
    "stream_options",
    "top_p",
    "temperature",
    "reasoning_effort",
    "reasoning",
    "thinking",
    "enable_thinking",
    "chat_template_kwargs",
    "stream",
    "max_tokens",
)
"""Fields that a request can do without."""

CONSTRAINTS = ("response_format", "grammar", "structured_outputs")
"""Fields that restrict the answer to a canvas."""

MIN_ANSWER_TOKENS = 256
"""Smallest maximum of an answer that is worth a request."""

LENGTH_FIELDS = ("max_tokens", "max_completion_tokens")
"""Names of the field of the most tokens."""

EFFORTS = ("none", "minimal", "low", "medium", "high")
"""Values of `reasoning_effort`, from the lowest."""

_ROLES = re.compile(
    r"system (role|message|prompt)|roles must alternate|only user.{1,20}assistant roles"
    r"|(system|developer) (role|instruction|message)s? (is|are) not|role.{1,20}system",
    re.I,
)
_CONSTRAINT_WORDS = re.compile(
    r"response_?format|schema|json_?object|grammar|structured|guided|\bjson\b", re.I
)
_LENGTH_WORDS = re.compile(
    r"max_(completion_|new_|output_)?tokens|(completion|output) tokens|context", re.I
)
_CONTEXT = re.compile(r"context (?:length|window|size)\D{0,40}(\d+)|must be <= (\d+)", re.I)
_PROMPT = re.compile(
    r"(\d+) (?:tokens )?(?:in the messages|input tokens|prompt tokens|`inputs` tokens"
    r"|(?:tokens )?(?:from|in) (?:the|your) (?:input|prompt))",
    re.I,
)
_LISTED = re.compile(
    r"(?:must be|expected|one of|supported (?:values|types)|allowed)(.*)", re.I | re.S
)


@dataclass(frozen=True)
class Adaptation:
    """Changes of the requests for one model of a server.

    Attributes:
        removed: Fields that the server does not accept.
        length_field: Name of the field of the most tokens.
        max_tokens: The server's own maximum of the most tokens; None for no known maximum.
        room: Tokens that this conversation leaves in the context; None if not known.
        weakening: Number of the constraint's alternatives that the server does not accept.
        folds_system: The system prompt goes to the head of the first request.
        effort: The lowest effort of thinking that the server accepts; "" if not known.
        is_bare: All optional fields were removed after an error that names none.
    """

    removed: frozenset[str] = frozenset()
    length_field: str = "max_tokens"
    max_tokens: int | None = None
    room: int | None = None
    weakening: int = 0
    folds_system: bool = False
    effort: str = ""
    is_bare: bool = False

    def apply(self, body: dict[str, Any], constraints: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Returns the adapted body of a request.

        Args:
            body: The body of a request without a constraint.
            constraints: Alternative fields of a constraint, from the strictest to none.
        """
        adapted = {**body, **constraints[min(self.weakening, len(constraints) - 1)]}
        if self.folds_system:
            adapted["messages"] = _alternating(without_system(body["messages"]))
        if self.effort and "reasoning_effort" in adapted:
            adapted["reasoning_effort"] = self.effort
        limits = (body["max_tokens"], self.max_tokens, self.room)
        adapted["max_tokens"] = min(limit for limit in limits if limit is not None)
        adapted = {name: value for name, value in adapted.items() if name not in self.removed}
        if "max_tokens" in adapted:
            adapted[self.length_field] = adapted.pop("max_tokens")
        return adapted

    def after(
        self,
        error: ErrorReply,
        body: dict[str, Any],
        constraints: Sequence[dict[str, Any]],
        *,
        is_same_error: bool = False,
    ) -> Adaptation | None:
        """Returns the adaptation after an error; None if the error names nothing to change.

        Every change happens once, so a server that rejects every request is soon given up.

        Args:
            error: The server's error.
            body: The body of the rejected request.
            constraints: As in `apply`.
            is_same_error: The previous adaptation did not change the error.
        """
        changes: tuple[Callable[[], Adaptation | None], ...] = (
            lambda: self._fold_system(error, body),
            lambda: self._limit_length(error, body),
            lambda: self._weaken(error, body, constraints),
            lambda: self._lower_effort(error, body),
            lambda: self._remove(error, body),
            lambda: self._strip(error, body, constraints),
        )
        if error.kind == "context":
            changes = changes[1:2]
        elif error.kind not in ("other", "busy"):
            return None
        if is_same_error:
            changes = changes[-1:]
        return next((changed for change in changes if (changed := change())), None)

    def _fold_system(self, error: ErrorReply, body: dict[str, Any]) -> Adaptation | None:
        is_named = body["messages"][0]["role"] == "system" and _ROLES.search(error.text)
        return replace(self, folds_system=True) if is_named and not self.folds_system else None

    def _limit_length(self, error: ErrorReply, body: dict[str, Any]) -> Adaptation | None:
        requested = body.get(self.length_field)
        if requested is None or not _LENGTH_WORDS.search(error.text):
            return None
        text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", error.text)
        context, prompt = _CONTEXT.search(text), _PROMPT.search(text)
        if context and prompt:
            room = int(context[1] or context[2]) - int(prompt[1])
            fits = MIN_ANSWER_TOKENS <= room < requested and self.room is None
            return replace(self, room=room) if fits else None
        if context:
            return None
        smaller = [
            n for n in map(int, re.findall(r"\d+", text)) if MIN_ANSWER_TOKENS <= n < requested
        ]
        if smaller and self.max_tokens is None:
            return replace(self, max_tokens=max(smaller))
        if "max_completion_tokens" in text and self.length_field == "max_tokens":
            return replace(self, length_field="max_completion_tokens")
        return None

    def _weaken(
        self, error: ErrorReply, body: dict[str, Any], constraints: Sequence[dict[str, Any]]
    ) -> Adaptation | None:
        present = [name for name in CONSTRAINTS if name in body]
        is_named = any(map(error.names, present)) or (
            not error.fields and _CONSTRAINT_WORDS.search(error.text)
        )
        if not present or not is_named:
            return None
        listed = _LISTED.search(error.text)
        accepted = re.findall(r"json_schema|json_object|text", listed[1]) if listed else []
        rejected = body.get("response_format", {}).get("type", "")
        for number in range(self.weakening + 1, len(constraints)):
            kind = constraints[number].get("response_format", {}).get("type")
            is_hopeless = (
                kind in error.text if kind == rejected else accepted and kind not in accepted
            )
            if kind is None or not is_hopeless:
                return replace(self, weakening=number)
        return None

    def _lower_effort(self, error: ErrorReply, body: dict[str, Any]) -> Adaptation | None:
        effort = body.get("reasoning_effort")
        listed = _LISTED.search(error.text)
        if not effort or self.effort or not listed or not error.names("reasoning_effort"):
            return None
        accepted = [name for name in EFFORTS if re.search(rf"\b{name}\b", listed[1])]
        wanted = [name for name in accepted if EFFORTS.index(name) >= EFFORTS.index(effort)]
        chosen = (wanted or accepted[-1:] or [effort])[0]
        return replace(self, effort=chosen) if chosen != effort else None

    def _remove(self, error: ErrorReply, body: dict[str, Any]) -> Adaptation | None:
        present = {_general_name(name) for name in body}
        named = {
            name
            for name in OPTIONAL_FIELDS
            if name in present
            and (error.names(name) or (name == "max_tokens" and error.names(self.length_field)))
        }
        if {"temperature", "top_p"} <= named and not error.fields:
            named.discard("temperature")  # only one of them is allowed
        if "stream" in named:
            named.add("stream_options")
        return replace(self, removed=self.removed | named) if named else None

    def _strip(
        self, error: ErrorReply, body: dict[str, Any], constraints: Sequence[dict[str, Any]]
    ) -> Adaptation | None:
        """Removes all optional fields after a refusal whose message names no field."""
        if error.kind != "other" or not 400 <= error.status < 500 or self.is_bare:
            return None
        removed = self.removed | {*OPTIONAL_FIELDS} - {"stream", "max_tokens"}
        return replace(self, removed=removed, weakening=len(constraints) - 1, is_bare=True)


def _general_name(field_name: str) -> str:
    return "max_tokens" if field_name == "max_completion_tokens" else field_name


def _alternating(messages: Sequence[Message]) -> list[Message]:
    """Returns a conversation in which messages of the same role in sequence are one message."""
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1]["role"] == message["role"]:
            text = f"{merged[-1]['content']}\n\n{message['content']}"
            merged[-1] = {"role": message["role"], "content": text}
        else:
            merged.append(message)
    return merged
