"""The settings of composing are declared once; page, API, command line and batch follow."""

from __future__ import annotations

import argparse
import dataclasses

import pytest

from lib_omost.api.settings_schema import ComposeBody
from lib_omost.batch.composer import ALWAYS_IN_FINGERPRINT, CanvasComposer
from lib_omost.cli.compose import OPTIONS, WITHOUT_OPTION, add_model
from lib_omost.compose.composed_canvases import canvas_key
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import (
    ANSWER,
    COMPOSE_FIELDS,
    ENGINE,
    MEMORY,
    ComposeSettings,
    names_of,
)
from lib_omost.llm.engine import Task
from lib_omost.setting_fields import SettingsError
from lib_omost.ui.chat_view import INPUT_NAMES
from lib_omost.ui.script_arguments import NAMES, read_compose_settings
from lib_omost.ui.texts import CONTROLS

OTHER = {
    "model": "qwen2.5-coder-1.5b",
    "server_model": "qwen",
    "dialect": "vllm",
    "own_process": True,
    "temperature": 1.5,
    "top_p": 0.5,
    "max_new_tokens": 512,
    "canvas_only": False,
    "keep_loaded": True,
    "thinking": "off",
}
"""A value of each setting that is not its default."""

each_setting = pytest.mark.parametrize("name", COMPOSE_FIELDS)


def request(**changes):
    return ComposeRequest(Conversation().add_request("a boat"), ComposeSettings(**changes))


@each_setting
def test_a_setting_has_texts_and_a_group(name):
    field = COMPOSE_FIELDS[name]
    assert field.label
    assert field.help.endswith(".")
    assert field.group in (ENGINE, ANSWER, MEMORY)


@each_setting
def test_the_page_and_the_script_have_it(name):
    assert (name in NAMES, name in INPUT_NAMES) == (True, True)
    assert CONTROLS[name] == (COMPOSE_FIELDS[name].label, COMPOSE_FIELDS[name].help, "")
    assert getattr(read_compose_settings({name: None}), name) == COMPOSE_FIELDS[name].default


@each_setting
def test_the_api_describes_it(name):
    schema = getattr(ComposeBody, "model_json_schema", ComposeBody.schema)()
    described, field = schema["properties"][name], COMPOSE_FIELDS[name]
    assert described["title"] == field.label
    assert described["description"].startswith(field.help)
    assert getattr(ComposeBody(**{name: OTHER[name]}), name) == OTHER[name]
    if field.kind in (int, float):
        with pytest.raises(ValueError, match=name):
            ComposeBody(**{name: field.high + 1})


@each_setting
def test_the_command_line_helps_with_it(name):
    parser = argparse.ArgumentParser()
    add_model(parser)
    if name in WITHOUT_OPTION:
        assert name not in OPTIONS
        return
    words = " ".join(parser.format_help().split())
    assert OPTIONS[name] in words
    assert COMPOSE_FIELDS[name].help[:30] in words


@each_setting
def test_another_canvas_is_composed_where_it_matters(name):
    changed = request(**{name: OTHER[name]})
    assert (canvas_key(changed) == canvas_key(request())) == (COMPOSE_FIELDS[name].group == MEMORY)


@each_setting
def test_another_line_of_a_batch_is_asked_for_where_it_matters(name):
    changed, usual = ComposeSettings(**{name: OTHER[name]}), ComposeSettings()
    same = CanvasComposer(changed).identity == CanvasComposer(usual).identity
    assert same == (COMPOSE_FIELDS[name].group == MEMORY)


def test_fingerprints_of_begun_batches_stay():
    assert CanvasComposer(ComposeSettings()).identity == {
        "model": "composer",
        "server_model": "",
        "temperature": None,
        "top_p": 0.9,
        "max_new_tokens": 4096,
        "canvas_only": None,
    }
    assert set(COMPOSE_FIELDS) >= ALWAYS_IN_FINGERPRINT


def test_engines_know_every_setting_of_the_answer():
    assert {field.name for field in dataclasses.fields(Task)} >= set(names_of(ANSWER))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"temperature": 6.0}, "temperature must be between 0 and 5, not 6.0"),
        ({"temperature": "warm"}, "temperature must be a number, not 'warm'"),
        ({"top_p": 0.0}, "top_p must be between 0.001 and 1, not 0.0"),
        ({"max_new_tokens": 0}, "max_new_tokens must be between 1 and 100000, not 0"),
        ({"canvas_only": "yes"}, "canvas_only must be true or false, not 'yes'"),
        ({"model": None}, "model must be text, not None"),
        ({"dialect": "french"}, "dialect must be one of openai, llama.cpp, vllm, not 'french'"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(values, message):
    with pytest.raises(SettingsError) as error:
        ComposeSettings(**values)
    assert str(error.value) == message


def test_automatic_values_are_the_model_s():
    assert ComposeSettings().resolved() == ComposeSettings(temperature=0.0, canvas_only=True)
    other = ComposeSettings("qwen2.5-coder-1.5b").resolved()
    assert (other.temperature, other.canvas_only) == (0.3, None)
