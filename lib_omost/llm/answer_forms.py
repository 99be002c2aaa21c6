"""Answer forms of general models: a notation with its prompts, JSON schemas and grammars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lib_omost.llm import grammar, model_notation, plan_prompt, system_prompt
from lib_omost.llm.json_grammar import json_gbnf
from lib_omost.llm.model_notation import ModelNotation
from lib_omost.llm.plan_schemas import edits_schema, plan_schema

FormName = Literal["code", "json", "plan"]
"""Canvas code, or a new canvas in JSON or as a plan with edits of a given one."""

FORM_NAMES: tuple[FormName, ...] = get_args(FormName)


@dataclass(frozen=True)
class AnswerForm:
    """A notation with all that makes a general model write its answers in it.

    Attributes:
        notation: Writes canvases for the model and applies its answers.
        prompts: Builds each variant of the system prompt, the default first.
        schema: JSON schema of a new canvas.
        edit_schema: JSON schema of an answer that changes a canvas.
        grammar: Returns the grammar of an answer in GBNF. Takes the words that name the subjects of
            the request (request_subjects.py), and whether the answer changes a canvas.
    """

    notation: ModelNotation
    prompts: Mapping[str, Callable[[], str]]
    schema: Mapping[str, Any]
    edit_schema: Mapping[str, Any]
    grammar: Callable[[Iterable[str], bool], str]

    def prompt(self, name: str = "") -> str:
        """Returns a variant of the system prompt, the default one for an empty name.

        Raises:
            ValueError: The form has no such variant.
        """
        names = list(self.prompts)
        if name and name not in names:
            raise ValueError(f"there is no prompt {name!r}: choose {', '.join(names)}")
        return self.prompts[name or names[0]]()


def answer_form(name: FormName) -> AnswerForm:
    """Returns a form by its name."""
    return _FORMS[name]()


def _code_form() -> AnswerForm:
    return AnswerForm(
        model_notation.NARROW_CODE,
        {"example": system_prompt.code_prompt},
        grammar.canvas_json_schema(),
        grammar.canvas_json_schema(),
        _code_grammar,
    )


def _json_form() -> AnswerForm:
    schema, edit_schema = (
        grammar.canvas_json_schema(),
        edits_schema(model_notation.JSON.max_regions),
    )
    return AnswerForm(
        model_notation.JSON,
        {"example": system_prompt.json_prompt},
        schema,
        edit_schema,
        lambda subjects, is_edit: json_gbnf(edit_schema if is_edit else schema),
    )


def _plan_form() -> AnswerForm:
    schema, edit_schema = plan_schema(), edits_schema(model_notation.PLAN.max_regions)
    return AnswerForm(
        model_notation.PLAN,
        {
            "examples": plan_prompt.plan_prompt,
            "one example": lambda: plan_prompt.plan_prompt(1),
            "no example": lambda: plan_prompt.plan_prompt(0),
        },
        schema,
        edit_schema,
        lambda subjects, is_edit: json_gbnf(edit_schema if is_edit else schema),
    )


def _code_grammar(subjects: Iterable[str], is_edit: bool) -> str:
    # A change may leave a single region; a new canvas has at least two.
    return grammar.gbnf_grammar("narrow", subjects, min_regions=1 if is_edit else 2)


_FORMS: Mapping[FormName, Callable[[], AnswerForm]] = {
    "code": _code_form,
    "json": _json_form,
    "plan": _plan_form,
}
