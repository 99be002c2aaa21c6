"""Builds the request body, and the JSON schema or grammar that restricts answers to canvases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lib_omost.llm.answer_events import template_arguments
from lib_omost.llm.engine import Task, ThinkingEffort, has_answer

Dialect = Literal["openai", "llama.cpp", "vllm"]
"""The request field of a constraint: `response_format` (openai, known to most servers), `grammar`
in GBNF (llama.cpp) or `structured_outputs` (vllm). Ollama accepts its own field `format` only
outside OpenAI's API."""

_EFFORT_HOSTS = ("openai.com", "azure.com", "groq.com", "googleapis.com", "mistral.ai", "x.ai")
"""Hosts that know `reasoning_effort` and reject `chat_template_kwargs`."""

_TYPE_HOSTS = ("deepseek.com", "z.ai", "bigmodel.cn", "moonshot.ai", "moonshot.cn", "volces.com")
"""Hosts whose field `thinking` switches thinking."""


@dataclass(frozen=True)
class Constraint:
    """Restricts answers to canvases by a JSON schema or a grammar.

    Omost models are trained on code. They get no schema, and a grammar only on request.

    Attributes:
        schema: JSON schema of a canvas, for the dialects "openai" and "vllm".
        grammar: Grammar in GBNF, for the dialect "llama.cpp"; empty for none.
        dialect: The request field of the constraint.
        edit_grammar: Grammar for conversations that contain an answer; empty for `grammar`.
        edit_schema: JSON schema for conversations that contain an answer; None for `schema`.
    """

    schema: Mapping[str, Any] | None = None
    grammar: str = ""
    dialect: Dialect = "openai"
    edit_grammar: str = ""
    edit_schema: Mapping[str, Any] | None = None

    def field_alternatives(self, task: Task, model: str) -> list[dict[str, Any]]:
        """Returns alternative fields of a request, from the strictest to none.

        If a server rejects the fields of one alternative, the request is repeated with the next.

        Args:
            task: The task of the request.
            model: Name of the model on the server.
        """
        fields = self._fields(task) if self._is_wanted(task, model) else []
        return [*fields, {}]

    def _is_wanted(self, task: Task, model: str) -> bool:
        if "omost" in model.lower():
            return bool(task.canvas_only) and self.dialect == "llama.cpp"
        return task.canvas_only is not False

    def _fields(self, task: Task) -> list[dict[str, Any]]:
        if self.dialect == "llama.cpp":
            grammar = (has_answer(task.messages) and self.edit_grammar) or self.grammar
            return [{"grammar": grammar}] if grammar else []
        if self.schema is None:
            return []
        is_edit = has_answer(task.messages)
        schema = dict((is_edit and self.edit_schema) or self.schema)
        if self.dialect == "vllm":
            return [{"structured_outputs": {"json": schema}}]
        named = {"name": "canvas", "strict": True, "schema": schema}
        return [
            {"response_format": {"type": "json_schema", "json_schema": named}},
            {"response_format": {"type": "json_object", "schema": schema}},
            {"response_format": {"type": "json_object"}},
        ]


def request_body(task: Task, model: str, host: str = "") -> dict[str, Any]:
    """Builds the body of a chat request without a constraint.

    Args:
        task: Messages and sampling settings.
        model: Name of the model on the server.
        host: The server's host, which decides about the fields that switch thinking.
    """
    return {
        "model": model,
        "messages": list(task.messages),
        "temperature": task.temperature,
        "top_p": task.top_p,
        "max_tokens": task.max_new_tokens,
        "seed": task.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
        **_thinking_fields(task.thinking, host),
    }


def _thinking_fields(thinking: ThinkingEffort, host: str) -> dict[str, Any]:
    """Returns the fields that switch or limit a model's thinking, as the server names them."""
    if thinking == "automatic":
        return {}
    effort = "none" if thinking == "off" else thinking
    if _is_at(host, ("openrouter.ai",)):
        return {"reasoning": {"effort": effort}}
    if _is_at(host, _TYPE_HOSTS):
        return {"thinking": {"type": "disabled" if thinking == "off" else "enabled"}}
    if _is_at(host, ("aliyuncs.com",)):
        return {"enable_thinking": thinking != "off"}
    fields: dict[str, Any] = {"reasoning_effort": effort}  # also Ollama, LM Studio
    if not _is_at(host, _EFFORT_HOSTS):  # llama.cpp, vLLM and SGLang
        fields["chat_template_kwargs"] = template_arguments(thinking)
    return fields


def _is_at(host: str, domains: Sequence[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
