"""Files without a canvas are named in one sentence with a remedy."""

import json

import pytest

from lib_omost.canvas.layouts.other_files import OBJECTS, name_data
from lib_omost.canvas.model import Canvas
from tests.canvas.layouts.reading import read

FILES = {
    "a ComfyUI graph": {"3": {"class_type": "KSampler", "inputs": {}}},
    "a ComfyUI graph without": {"last_node_id": 1, "nodes": [{"type": "KSampler"}], "links": []},
    "a character card": {"spec": "chara_card_v2", "data": {"name": "Ann", "description": "Tall."}},
    "a character card of": {"name": "Ann", "description": "Tall.", "first_mes": "Hello."},
    "a workflow of n8n": {"nodes": [], "connections": {}},
    "a workflow of another program": {"nodes": [], "edges": []},
    "a flow of Langflow": {"data": {}, "name": "a", "endpoint_name": None},
    "a template of a chat": {"name": "Chat", "input_sequence": "", "output_sequence": ""},
    "a world book": {"entries": {}, "name": "World"},
    "the answer of a server": {"object": "chat.completion", "choices": []},
    "a chat": {"messages": [{"role": "user", "content": "a cat"}]},
    "an exported library": {"omost_library": 1, "presets": {}},
    "a JSON schema": {"$schema": "https://json-schema.org", "properties": {}},
    "a package description": {"name": "a", "version": "1", "dependencies": {}, "description": "b"},
    "the profile of an agent": {"name": "Ann", "instructions": "Help.", "description": "An agent."},
    "the profile of an agent: describe": {"role": "cook", "goal": "soup", "backstory": "Paris"},
    "the data of a picture": {"prompt": "a cat", "steps": 28, "uc": "rain"},
    "a preset of a chat program": {"temperature": 1, "top_p": 0.9},
}


@pytest.mark.parametrize(("name", "data"), FILES.items())
def test_json_of_other_programs_is_named(name, data):
    canvas, said = read(data)
    assert canvas is None
    assert said[0].startswith(f"error: this is {name}")
    assert len(said) == 1


def test_a_chat_as_a_list_is_named():
    assert read([{"role": "user", "content": "a cat"}])[1][0].startswith("error: this is a chat:")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a cat on a sofa, oil painting", "a plain text, such as a prompt: describe the picture"),
        ("a cat\nSteps: 20, Size: 512x512, Seed: 1", "the infotext of a picture without regions"),
        ("agents:\n  - name: Ann\n", "a plain text"),
        ("<!DOCTYPE html><html>", "a web page or XML: paste the language model's answer alone"),
        ("\x89PNG\r\n\x1a\n\0\0\0", "a picture read as text: choose the picture as a file"),
    ],
)
def test_texts_are_named(text, name):
    canvas, said = read(text)
    assert canvas is None
    assert said[0].startswith(f"error: this is {name}")


@pytest.mark.parametrize("data", FILES.values())
def test_a_canvas_with_such_keys_stays_a_canvas(data):
    canvas, _ = read({**data, "description": "A cat.", "regions": []})
    assert isinstance(canvas, Canvas)


def test_every_sentence_has_a_test():
    reached = {name_data(data) for data in FILES.values()}
    assert {sentence for _, sentence in OBJECTS} == reached
    assert name_data(json.loads('{"unknown": 1}')) == ""
