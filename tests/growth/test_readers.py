"""Twice the text takes less than three times the work, in every reader of texts from outside.

Work is counted in lines of Python and steps of regular expressions. What C does besides, in JSON
and in copies of texts, is bounded by the limit of a second in tests/fuzz.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lib_omost import infotext
from lib_omost.canvas import formats
from lib_omost.canvas.prompt_texts import normalise
from lib_omost.llm import process_messages
from lib_omost.llm.server.answer import parse_answer_event
from lib_omost.llm.server.errors import ServerError
from lib_omost.llm.server.sent_events import event_data
from lib_omost.renderer.webui_infotext import read_infotext
from lib_omost.settings import from_infotext
from lib_omost.text import splitting
from lib_omost.text.bags import greedy_bags
from lib_omost.text.prefix_paths import PromptPath
from lib_omost.text.prompt_box import fill_prompt
from lib_omost.text.prompt_syntax import (
    PromptSyntaxError,
    check_syntax,
    escape_prompt_syntax,
    find_extra_networks,
    parse_emphasis,
    remove_extra_networks,
)
from lib_omost.text.sub_prompt import SubPrompt
from tests.canvas.test_hostile import CALL, TEXTS
from tests.growth.work import growth

LENGTH = 400
"""Characters of the shorter text."""


def in_bags(text: str) -> None:
    """Divide a text into bags, each letter a token, so that a short one has many."""
    sub_prompt = SubPrompt(normalise(text), "webui")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "CHARACTERS_PER_TOKEN", 2)
        greedy_bags(PromptPath((), (sub_prompt,)), lambda part: len(part.text))


def in_the_prompt_box(text: str) -> None:
    canvas = formats.read("canvas.set_global_description('A wood.')").canvas
    assert canvas is not None
    fill_prompt(text, canvas)


def as_sub_prompt(text: str) -> None:
    try:
        check_syntax(SubPrompt(text, "webui"))
    except PromptSyntaxError:
        return


def as_stream(text: str) -> None:
    data = text.encode()
    try:
        for event in event_data(data[start : start + 3] for start in range(0, len(data), 3)):
            parse_answer_event(event)
    except ServerError:
        return


def as_event(text: str) -> None:
    try:
        process_messages.parse_event(process_messages.load(text))
    except process_messages.MessageError:
        return


def as_pasted(text: str) -> None:
    parameters = read_infotext(f"a fox\nSteps: 20, {text}")
    for paste in infotext.PASTE.values():
        paste({**parameters, infotext.CANVAS: text, infotext.SETTINGS: text})


PROMPTS = ["(a", "(a[b", "<a:", "(w:1.1) [v] ", "[a:", "[a|", "|[", "((a)", "a:", ":1", "\\", ": "]
READERS: list[tuple[Callable[[str], Any], list[str]]] = [
    (parse_emphasis, PROMPTS),
    (as_sub_prompt, PROMPTS),
    (in_bags, PROMPTS),
    (escape_prompt_syntax, PROMPTS),
    (find_extra_networks, PROMPTS),
    (remove_extra_networks, PROMPTS),
    (in_the_prompt_box, PROMPTS),
    (as_pasted, ['a: "', "a: b, ", '"', "a", ",", ": ", 'a: "\\', "[", '{"end": ', "9"]),
    (from_infotext, ["[", '{"end": ', "9", '"start": 1, ']),
    (as_event, ["[", '{"event": ', "9", '"text": 1, ']),
    (as_stream, ["data: {}\n\n", "data: a\n", "\r", "\n", "a", ":", 'data: {"a":', "\r\n"]),
]
ANSWERS = [
    "<think>", "</think>", "<|channel|>final<|message|>", "<|im_start|>user\n", "assistantfinal",
    '{"a": "b" c', "{'a': 'b", '{"a": [1, ', '["a": ', "{/*", '{"a": "\n```', "{&quot;a&quot;: ",
    'set\\_global ', '{\\"a\\": ', '{"arguments": "{', '{"location": "x", "description": "y"},',
]  # fmt: skip
READERS.append((formats.read, ANSWERS))
CASES = [(read, part) for read, parts in READERS for part in parts]


@pytest.mark.parametrize(
    ("read", "part"), CASES, ids=[f"{read.__name__}-{part!a}" for read, part in CASES]
)
def test_of_twice_as_many_parts(read, part):
    assert growth(read, lambda count: part * count, LENGTH // len(part)) < 3


@pytest.mark.parametrize("read", [parse_emphasis, as_sub_prompt, in_bags], ids=lambda f: f.__name__)
@pytest.mark.parametrize("digits", [":{}", "(a:{}", "[a:{}x]]]", "(a:1.{}"])
def test_of_twice_as_many_digits(read, digits):
    assert growth(read, lambda count: digits.format("1" * count), LENGTH) < 3


@pytest.mark.parametrize("start", ["", CALL, f"{CALL}description='", "[", "```\n"])
@pytest.mark.parametrize("name", TEXTS)
def test_of_twice_as_much_code(name, start):
    part = TEXTS[name]
    assert growth(formats.read, lambda count: start + part * count, LENGTH // len(part)) < 3


def test_of_a_long_fence_that_a_bracket_follows():
    assert growth(formats.read, lambda count: "~" * count + "(", LENGTH) < 3


def test_of_strings_that_all_end_at_the_last_quote():
    """Each call's strict reading runs to the end of the text, fails there, and starts anew."""
    part = "add_local(\\'\\\n"
    assert growth(formats.read, lambda count: part * count + "' 'x", 100) < 3


def test_of_escaped_quotes_that_could_begin_keys():
    """From each quote the string runs to the end of the text, where no colon follows."""
    start = '{"description": "A.", "mood":'
    assert growth(formats.read, lambda count: start + 'AAAA\\":' * count + '\\"end"', 100) < 3


REGION = {
    "description": "A fox.",
    "location": "on the lft",
    "color": "rde",
    "distance_to_viewer": 1,
}


@pytest.mark.parametrize(
    "data",
    [
        lambda count: {"description": "A.", "regions": [REGION] * count},
        lambda count: {"description": "A.", "regions": [[]] * count},
        lambda count: {"description": "A.", "detailed_descriptions": [7] * count},
        lambda count: {"description": "A.", "mine": [[7]] * count},
        lambda count: {"description": "A.", **{f"key {n}": n for n in range(count)}},
        lambda count: [{"prefixes": ["A."], "suffixes": ["b"] * count}] * 5,
        lambda count: [{"prefixes": ["A."] * count}] * 5,
        lambda count: {str(n): {"class_type": "Omost", "inputs": {}} for n in range(count)},
    ],
    ids=["regions", "no regions", "no texts", "values", "keys", "suffixes", "prefixes", "nodes"],
)
def test_of_twice_as_many_values(data):
    assert growth(formats.read, lambda count: json.dumps(data(count)), 40) < 3


def test_the_counter_sees_lines_and_regular_expressions(monkeypatch):
    quadratic = parse_emphasis.__globals__["re"].compile(r"<\w+:[^>]+>")
    monkeypatch.setitem(find_extra_networks.__globals__, "_TAG", quadratic)
    assert growth(remove_extra_networks, lambda count: "<a:" * count, 60) > 3
