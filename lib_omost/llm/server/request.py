"""Builds the request body, and the JSON schema or grammar that restricts answers to canvases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lib_omost.llm.engine import Task, has_answer

Dialect = Literal["openai", "llama.cpp", "vllm"]
"""How a constraint is written: `response_format`, which all servers know, `grammar` in GBNF, or
`structured_outputs`. Ollama takes its own `format` only outside OpenAI's API."""

_USAGE = {"stream_options": {"include_usage": True}}


@dataclass(frozen=True)
class Constraint:
    """What holds an answer to a canvas: a JSON schema and a grammar, of which the dialect has one.

    Omost models were trained on code: no schema fits them, and a grammar is theirs on demand only.
    """

    schema: Mapping[str, Any] | None = None
    grammar: str = ""
    dialect: Dialect = "openai"
    grammar_of_edits: str = ""

    def forms(self, task: Task, model: str) -> list[dict[str, Any]]:
        """Return what to add to a request, from what is best to what every server takes: nothing.

        A server that refuses one is asked with the next.
        """
        fields = self._fields(task) if self._is_wanted(task, model) else []
        return [*({**field, **_USAGE} for field in fields), _USAGE, {}]

    def _is_wanted(self, task: Task, model: str) -> bool:
        if "omost" in model.lower():
            return bool(task.canvas_only) and self.dialect == "llama.cpp"
        return task.canvas_only is not False

    def _fields(self, task: Task) -> list[dict[str, Any]]:
        if self.dialect == "llama.cpp":
            grammar = (has_answer(task.messages) and self.grammar_of_edits) or self.grammar
            return [{"grammar": grammar}] if grammar else []
        if self.schema is None:
            return []
        schema = dict(self.schema)
        if self.dialect == "vllm":
            return [{"structured_outputs": {"json": schema}}]
        named = {"name": "canvas", "strict": True, "schema": schema}
        return [
            {"response_format": {"type": "json_schema", "json_schema": named}},
            {"response_format": {"type": "json_object", "schema": schema}},
        ]


def request(task: Task, model: str) -> dict[str, Any]:
    """Return the body of a request, without a constraint."""
    return {
        "model": model,
        "messages": list(task.messages),
        "temperature": task.temperature,
        "top_p": task.top_p,
        "max_tokens": task.max_new_tokens,
        "seed": task.seed,
        "stream": True,
    }
