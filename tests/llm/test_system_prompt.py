"""The prompts say what the grammars and the readers hold to."""

import hashlib
import json

import pytest
from llguidance import LLMatcher, LLTokenizer

from lib_omost.canvas import formats
from lib_omost.canvas.diagnostics import Reading
from lib_omost.canvas.vocabulary import AREAS, LOCATIONS, OFFSETS
from lib_omost.llm import grammar, system_prompt
from lib_omost.llm.model_notation import write_code, write_json
from tests.llm.test_grammar import accepts, prepared, tokenizer

__all__ = ["prepared", "tokenizer"]  # fixtures

# The class in the section "Symbols" of Omost's README.
CANVAS_CLASS_SHA256 = "9d848edc687f536ede22e6106644232aa515c41cd4263709ae8d366b90d0a5ee"


def test_the_class_is_omosts_letter_by_letter() -> None:
    code = system_prompt.canvas_class().encode()
    assert hashlib.sha256(code).hexdigest() == CANVAS_CLASS_SHA256


def test_the_class_is_python_that_asserts_the_vocabulary() -> None:
    names: dict[str, type] = {}
    exec(system_prompt.canvas_class(), names)
    canvas = names["Canvas"]()
    place = {"location": "on the left", "offset": "no offset", "area": "a large square area"}
    texts = dict.fromkeys(("description", "tags", "atmosphere", "style", "quality_meta"), "")
    rest = {**texts, "detailed_descriptions": [], "HTML_web_color_name": "red"}
    canvas.add_local_description(**place, **rest, distance_to_viewer=1.0)
    for wrong in ("location", "offset", "area"):
        with pytest.raises(AssertionError):
            canvas.add_local_description(**{**place, wrong: "?"}, **rest, distance_to_viewer=1.0)


def test_the_prompt_for_omost_models_holds_the_class() -> None:
    assert system_prompt.omost_prompt().startswith("Compose images with the python class `Canvas`:")
    code = system_prompt.canvas_class()
    assert system_prompt.omost_prompt().endswith(f"\n```python\n{code}\n```")


@pytest.mark.parametrize("text", [system_prompt.code_prompt(), system_prompt.json_prompt()])
def test_the_other_prompts_name_every_place(text: str) -> None:
    assert all(f'"{word}"' in text for words in (LOCATIONS, OFFSETS, AREAS) for word in words)


def test_the_example_in_code_is_what_the_grammar_takes(prepared: LLTokenizer) -> None:
    assert system_prompt.code_prompt().rstrip().endswith(write_code(system_prompt.EXAMPLE))
    assert formats.read(system_prompt.code_prompt()) == Reading(system_prompt.EXAMPLE)
    assert accepts(prepared, grammar.lark_grammar("narrow"), write_code(system_prompt.EXAMPLE))
    assert accepts(prepared, grammar.lark_grammar("wide"), write_code(system_prompt.EXAMPLE))


def test_the_example_in_json_is_what_the_schema_takes(prepared: LLTokenizer) -> None:
    assert system_prompt.json_prompt().rstrip().endswith(write_json(system_prompt.EXAMPLE))
    assert formats.read(write_json(system_prompt.EXAMPLE)) == Reading(system_prompt.EXAMPLE)
    rules = LLMatcher.grammar_from_json_schema(grammar.canvas_json_schema())
    assert accepts(prepared, rules, write_json(system_prompt.EXAMPLE))
    assert not accepts(prepared, rules, json.dumps({"description": "a lighthouse"}))
