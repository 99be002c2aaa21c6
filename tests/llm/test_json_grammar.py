"""The grammars of JSON answers accept what the schemas describe and nothing else."""

import json

import pytest
from llguidance import LLTokenizer

from lib_omost.canvas import formats
from lib_omost.llm import plan_prompt
from lib_omost.llm.grammar import canvas_json_schema, gbnf_to_lark
from lib_omost.llm.json_grammar import json_gbnf
from lib_omost.llm.model_notation import write_json
from lib_omost.llm.plan_schemas import edits_schema, plan_schema
from lib_omost.llm.system_prompt import EXAMPLE
from tests.llm.test_grammar import accepts, prepared, tokenizer

__all__ = ["prepared", "tokenizer"]  # fixtures

PLAN = gbnf_to_lark(json_gbnf(plan_schema()))
EDITS = gbnf_to_lark(json_gbnf(edits_schema(3)))
PLANS = [plan_prompt.example_plan(*example) for example in plan_prompt.EXAMPLES.values()]


@pytest.mark.parametrize("plan", PLANS)
def test_the_example_plans_are_accepted_and_read_without_a_warning(
    prepared: LLTokenizer, plan: dict[str, object]
) -> None:
    text = json.dumps(plan)
    assert accepts(prepared, PLAN, text)
    reading = formats.read(text)
    assert not reading.diagnostics
    assert reading.canvas is not None


@pytest.mark.parametrize("edits", plan_prompt.EDIT_EXAMPLES.values())
def test_the_example_edits_are_accepted(prepared: LLTokenizer, edits: object) -> None:
    assert accepts(prepared, EDITS, json.dumps({"edits": edits}))


@pytest.mark.parametrize(
    "text",
    [
        '{"edits": []}',
        '{"edits": [{"op": "remove", "region": 4}]}',
        '{"edits": [{"op": "remove"}]}',
        '{"edits": [{"op": "paint", "region": 1}]}',
        '{"edits": [{"op": "change", "region": 1, "description": "A cat.", "color": "furry"}]}',
        'Sure: {"edits": [{"op": "remove", "region": 1}]}',
    ],
)
def test_other_edits_are_rejected(prepared: LLTokenizer, text: str) -> None:
    assert not accepts(prepared, EDITS, text)


def test_texts_have_a_bounded_number_of_words_in_any_script(prepared: LLTokenizer) -> None:
    grammar = gbnf_to_lark(json_gbnf({"type": "string", "maxLength": 21}))
    assert accepts(prepared, grammar, '"one two three"')
    assert accepts(prepared, grammar, '"ein grüner Hut"')
    assert accepts(prepared, grammar, '"桌子上的猫"')
    assert not accepts(prepared, grammar, '"one two three four"')
    assert not accepts(prepared, grammar, '"two\nlines"')
    assert not accepts(prepared, grammar, '""')


def test_the_example_canvas_in_one_line_is_accepted(prepared: LLTokenizer) -> None:
    grammar = gbnf_to_lark(json_gbnf(canvas_json_schema()))
    assert accepts(prepared, grammar, json.dumps(json.loads(write_json(EXAMPLE))))
