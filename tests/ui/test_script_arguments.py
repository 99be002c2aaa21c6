"""The script's arguments: the values of the page's components, or one dict over the API."""

from __future__ import annotations

import pytest

from lib_omost.compose.settings import ComposeSettings
from lib_omost.setting_fields import SettingsError
from lib_omost.settings import FIELDS, Settings
from lib_omost.ui.script_arguments import (
    NAMES,
    read_compose_settings,
    read_settings,
    read_values,
    switched_on,
)

FLAGS = "one of automatic, always, never"
DEFAULTS = [field.default for field in FIELDS.values()]


def read(values, replaced=None):
    return read_settings(read_values(values, replaced or {}))


def test_the_page_hands_over_one_value_for_each_setting():
    values = [True, "code", "page", -1, "couple", *DEFAULTS[5:]]
    assert read(values) == Settings(enabled=True, canvas="code", method="couple")


def test_a_dict_is_on_and_named():
    """The host fills the other places with the components' defaults."""
    values = [{"canvas": ["a", "b"], "end": 0.8}, *DEFAULTS[1:]]
    assert read(values) == Settings(enabled=True, canvas=["a", "b"], end=0.8)


def test_a_canvas_may_be_an_object():
    canvas = {"description": "toys", "regions": []}
    text = '{"description": "toys", "regions": []}'
    assert read([{"canvas": canvas}, *DEFAULTS[1:]]).canvas == text
    assert read([{"canvas": [canvas, "code"]}, *DEFAULTS[1:]]).canvas == (text, "code")


def test_a_dict_goes_before_what_an_infotext_put_in_the_other_places():
    values = [{"end": 0.8}, "from infotext", "page", -1, "couple", *DEFAULTS[5:]]
    expected = Settings(enabled=True, canvas="from infotext", method="couple", end=0.8)
    assert read(values) == expected


def test_the_axes_of_a_plot_go_before_everything():
    values = [{"end": 0.8}, *DEFAULTS[1:]]
    assert read(values, {"end": 0.5, "enabled": True}) == Settings(enabled=True, end=0.5)


@pytest.mark.parametrize("first", [False, None, {"enabled": False}, {"enabled": False, "x": 1}])
def test_off(first):
    assert not switched_on(read_values([first, *DEFAULTS[1:]], {}))


def test_no_arguments_at_all_are_off():
    assert not switched_on(read_values([], {}))


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("yes", "enabled must be true or false, not 'yes'"),
        (1, "enabled must be true or false, not 1"),
        ({"enabled": 1}, "enabled must be true or false, not 1"),
        ({"xyz": 1}, "unknown setting 'xyz'; known: enabled, canvas, canvas_source"),
        ({"metod": 1}, r"unknown setting 'metod'; did you mean 'method'\?"),
        ({"temprature": 1}, r"unknown setting 'temprature'; did you mean 'temperature'\?"),
        (["code"], r"enabled must be true or false, not \['code'\]"),
    ],
)
def test_what_is_neither_is_on_and_wrong(first, message):
    values = read_values([first, *DEFAULTS[1:]], {})
    assert switched_on(values)
    with pytest.raises(SettingsError, match=message):
        read_settings(values)


def test_a_dict_in_another_place_is_refused():
    with pytest.raises(SettingsError, match="canvas must be text"):
        read([True, {"canvas": "code"}, *DEFAULTS[2:]])


class TestComposer:
    """How a canvas is composed at Generate: as the panel "Compose" is set, or the API names it."""

    def test_the_page_hands_over_the_panel_behind_the_settings(self):
        panel = ["qwen2.5-coder-1.5b", "", "openai", True, "0.8", 0.5, 512, "always", False, "low"]
        values = read_values([True, *DEFAULTS[1:], *panel, ""], {})
        assert list(values) == list(NAMES)
        settings = read_compose_settings(values)
        assert (settings.model, settings.own_process) == ("qwen2.5-coder-1.5b", True)
        assert (settings.temperature, settings.top_p, settings.max_new_tokens) == (0.8, 0.5, 512)
        assert (settings.canvas_only, settings.thinking) == (True, "low")
        assert read_settings(values) == Settings(enabled=True)

    def test_the_api_names_what_differs(self):
        values = read_values([{"canvas_source": "prompt", "temperature": 0.5}], {})
        assert read_settings(values).canvas_source == "prompt"
        settings = read_compose_settings(values)
        assert settings == ComposeSettings(temperature=0.5)

    def test_no_model_is_that_of_the_host_s_settings(self, monkeypatch):
        monkeypatch.setattr("lib_omost.options.value", {"omost_model": "qwen2.5-coder-1.5b"}.get)
        for shown in ("", "Choose a language model"):
            assert read_compose_settings({"model": shown}).model == "qwen2.5-coder-1.5b"
        assert read_compose_settings({"model": "demo (shapes only)"}).model == "composer"

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"model": 5}, "model must be text, not 5"),
            ({"temperature": "warm"}, "temperature must be a number or \"automatic\", not 'warm'"),
            ({"temperature": True}, "temperature must be a number, not True"),
            ({"dialect": "french"}, "dialect must be one of openai, llama.cpp, vllm, not 'french'"),
            (
                {"canvas_only": "maybe"},
                f"canvas_only must be {FLAGS}, not 'maybe'",
            ),
            ({"keep_loaded": 1}, "keep_loaded must be true or false, not 1"),
            ({"top_p": "0.5"}, "top_p must be a number, not '0.5'"),
        ],
    )
    def test_a_wrong_value_is_refused_by_name(self, values, message):
        with pytest.raises(SettingsError) as error:
            read_compose_settings(values)
        assert str(error.value) == message
