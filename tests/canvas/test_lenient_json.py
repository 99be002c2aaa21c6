"""The lenient parser of damaged JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.bounded_json import NestingError
from lib_omost.canvas.lenient_json import CutOffObject, TooManyPartsError, find_values


def parse(text):
    """Return the data and the reports of the only value of a text."""
    [value] = find_values(text)
    return value.data, [*value.repairs], [*value.losses]


@pytest.mark.parametrize(
    ("text", "data", "repair"),
    [
        ('{"a": 1,}', {"a": 1}, "a comma before a closing bracket"),
        ('{"a": 1,, "b": 2}', {"a": 1, "b": 2}, "a comma too many"),
        ('{"a": [1, 2,]}', {"a": [1, 2]}, "a comma before a closing bracket"),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}, "a missing comma"),
        ('{"a": "x" "b": "y"}', {"a": "x", "b": "y"}, "a missing comma"),
        ('{"a": 1, // one\n "b": 2}', {"a": 1, "b": 2}, "a comment"),
        ('{"a": 1, # one\n "b": 2 /* two */}', {"a": 1, "b": 2}, "a comment"),
        ("{'a': 'the boats' sails'}", {"a": "the boats' sails"}, "single quotes"),
        ('{"a": "a "SALE" sign"}', {"a": 'a "SALE" sign'}, "quotes inside a text"),
        ('{"a": "red, "b": "c"}', {"a": "red", "b": "c"}, "a text without a closing quote"),
        ('{"a": "red,\n "b": "c"}', {"a": "red", "b": "c"}, "a text without a closing quote"),
        ('{"a": "calm\n  sea"}', {"a": "calm sea"}, "a line break inside a text"),
        ('{"a": "calm\\\nsea"}', {"a": "calmsea"}, "a line break inside a text"),
        ('{"a": "calm" + "sea"}', {"a": "calmsea"}, "a sum of texts"),
        ('{"a": """a "b" c"""}', {"a": 'a "b" c'}, "triple quotes"),
        ('{"a\\_b": "c\\_d"}', {"a_b": "c_d"}, "backslashes before other characters"),
        ("{a: 1}", {"a": 1}, "a key without quotes"),
        ('{"a" "b"}', {"a": "b"}, "a missing colon"),
        ('{"a" = "b"}', {"a": "b"}, "another character than a colon"),
        ('{"a": True, "b": None}', {"a": True, "b": None}, "a constant of Python or JavaScript"),
        ('{"a": #ff0000}', {"a": "#ff0000"}, "a text without quotes"),
        ('{"a": on the left, "b": 1}', {"a": "on the left", "b": 1}, "a text without quotes"),
        ('{"a": ("b", 1)}', {"a": ["b", 1]}, None),
        ("{“a”：［1，2］}", {"a": [1, 2]}, "full-width punctuation"),
        ("{“a”: “the “b” boat”}", {"a": "the “b” boat"}, "typographic quotes"),
        ('{\u00a0"a":\u200b1}', {"a": 1}, None),
        ('[{"a": 1, {"b": 2}]', [{"a": 1}, {"b": 2}], "a missing bracket"),
        ('{"a": ["b", "c": 1}', {"a": ["b"], "c": 1}, "a missing bracket"),
        ('{"a": [{"b": 1}}, {"c": 2}]}', {"a": [{"b": 1}, {"c": 2}]}, "brackets that do not match"),
        ('{"a": {"b": 1]}, "c": 2}', {"a": {"b": 1}, "c": 2}, "brackets that do not match"),
    ],
)
def test_a_defect_is_repaired_and_reported(text, data, repair):
    parsed, repairs, _ = parse(text)
    assert parsed == data
    assert repair is None or repair in repairs


@pytest.mark.parametrize(
    ("text", "data", "loss"),
    [
        ('{"a": 1, ..., "b": 2}', {"a": 1, "b": 2}, "'...'"),
        ('{"a": , "b": 2}', {"b": 2}, "a key without a value"),
        ('{"a": 1, "a": 2}', {"a": 2}, "two values of 'a'"),
        ('{"a": 5 units, "b": 1}', {"a": 5, "b": 1}, "'units'"),
    ],
)
def test_a_loss_is_reported(text, data, loss):
    parsed, _, losses = parse(text)
    assert (parsed, losses) == (data, [loss])


def test_values_are_found_in_prose():
    text = 'I use {user}, [this] and {"hm} as asked:\n```json\n{"a": 1}\n```\n[{"b": 2}] (see {3})'
    assert [value.data for value in find_values(text)] == [{"a": 1}, [{"b": 2}]]


def test_a_value_ends_at_the_fence_after_it():
    [first, second] = find_values('```\n{"a": [1, {"b": "c\n```\nor "so": {"d": 1}')
    assert (first.data, first.cut_off) == ({"a": [1, {}]}, True)
    assert (second.data, second.cut_off) == ({"d": 1}, False)


CUT = '{"a": [{"b": 12, "c": true}, {"d": "e"}]}'


@pytest.mark.parametrize("end", range(len('{"a"'), len(CUT)))
def test_a_cut_value_has_its_complete_parts(end):
    [value] = find_values(CUT[:end])
    assert value.cut_off
    assert isinstance(value.data, CutOffObject)
    assert value.repairs == value.losses == {}
    items = value.data.get("a", [])
    complete = [item for item in items if not isinstance(item, CutOffObject)]
    first, second = CUT.index("}") + 1, CUT.index("}]") + 1
    assert complete == [{"b": 12, "c": True}] * (end >= first) + [{"d": "e"}] * (end >= second)


def test_limits():
    with pytest.raises(NestingError, match="more than 24 deep"):
        list(find_values("[" * 25))
    with pytest.raises(TooManyPartsError, match="50,000 parts"):
        list(find_values("[" + "1," * 50_000))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=20,
)


@given(
    st.lists(VALUES.filter(lambda v: v != "")) | st.dictionaries(st.text(max_size=20), VALUES),
    st.booleans(),
    st.sampled_from([None, 2]),
)
def test_valid_json_is_parsed_as_python_does(data, ascii_only, indent):
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    found = list(find_values(text))
    if text.startswith(("[n", "[t", "[f", "[\n  n", "[\n  t", "[\n  f", "[N", "[I")):
        return  # a list of words is prose
    assert [value.data for value in found] == [data]
    assert found[0].repairs == found[0].losses == {}


@pytest.mark.parametrize(
    "text",
    [
        '[[{"＂": null}]]',
        '["a＂]", 1]',
        '{"a": "b＂, \\"c", "＂d＂": "＂"}',
        '{"a": "＂}", "b": 2}',
    ],
)
def test_full_width_quotes_in_valid_json_are_characters(text):
    (found,) = find_values(text)
    assert found.data == json.loads(text)
    assert found.repairs == found.losses == {}


SCRAPS = [
    *"{}[]():,;'\"“’/#*+\\\n `=｛：é9-", "//", "/*", "*/", "```", "true", "null",
    '"a":', "a: ", '"b"', "\\u0", "\ud800", "{\"", "\n  ",
]  # fmt: skip


@given(st.lists(st.sampled_from(SCRAPS)).map("".join) | st.text())
def test_any_text_has_values_in_order(text):
    end = 0
    try:
        for value in find_values(text):
            assert end <= value.start < value.end <= len(text)
            end = value.end
    except NestingError:
        pass
