"""The script's arguments: the values of the page's components, or one dict over the API."""

from __future__ import annotations

import pytest

from lib_omost.settings import FIELDS, Settings, SettingsError
from lib_omost.webui.arguments import read_arguments, switched_on

DEFAULTS = [field.default for field in FIELDS.values()]


def test_the_page_hands_over_one_value_for_each_setting():
    values = [True, "code", "couple", *DEFAULTS[3:]]
    assert read_arguments(values) == Settings(enabled=True, canvas="code", method="couple")


def test_a_dict_is_on_and_named():
    """The host fills the other places with the components' defaults."""
    values = [{"canvas": ["a", "b"], "end": 0.8}, *DEFAULTS[1:]]
    assert read_arguments(values) == Settings(enabled=True, canvas=["a", "b"], end=0.8)


def test_a_dict_goes_before_what_an_infotext_put_in_the_other_places():
    values = [{"end": 0.8}, "from infotext", "couple", *DEFAULTS[3:]]
    expected = Settings(enabled=True, canvas="from infotext", method="couple", end=0.8)
    assert read_arguments(values) == expected


@pytest.mark.parametrize("first", [False, None, {"enabled": False}, {"enabled": False, "x": 1}])
def test_off(first):
    assert not switched_on([first, *DEFAULTS[1:]])


def test_no_arguments_at_all_are_off():
    assert not switched_on([])


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("yes", "enabled must be true or false, not 'yes'"),
        (1, "enabled must be true or false, not 1"),
        ({"enabled": 1}, "enabled must be true or false, not 1"),
        ({"strength": 1}, "unknown setting 'strength'; known: enabled, canvas, method"),
        (["code"], r"enabled must be true or false, not \['code'\]"),
    ],
)
def test_what_is_neither_is_on_and_wrong(first, message):
    values = [first, *DEFAULTS[1:]]
    assert switched_on(values)
    with pytest.raises(SettingsError, match=message):
        read_arguments(values)


def test_a_dict_in_another_place_is_refused():
    with pytest.raises(SettingsError, match="canvas must be text"):
        read_arguments([True, {"canvas": "code"}, *DEFAULTS[2:]])
