"""JSON that is deep or has long numbers is refused or bounded, whatever reads it."""

import math

import pytest

from lib_omost.canvas.bounded_json import NestingError, load_json


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000])
def test_json_too_deep_for_python_raises_a_value_error(text):
    with pytest.raises(ValueError, match=r"nested more than 24 deep|Expecting value"):
        load_json(text)


def test_json_is_accepted_up_to_the_given_nesting_depth():
    assert load_json("[[[7]]]", nesting=3) == [[[7]]]
    with pytest.raises(NestingError, match="this JSON is nested more than 2 deep"):
        load_json("[[[7]]]", nesting=2)


def test_a_number_too_large_for_a_float_becomes_infinite():
    long = "9" * 5000
    assert load_json(f"[{long}, -{long}, {'9' * 300}]") == [math.inf, -math.inf, int("9" * 300)]


def test_control_characters_are_refused_unless_they_are_allowed():
    with pytest.raises(ValueError, match="control character"):
        load_json('"\t"')
    assert load_json('"\t"', strict=False) == "\t"
