"""The worker around llama.cpp: its checks and parameters, and broken or cancelled answers."""

from __future__ import annotations

import json
import sys
import threading
import time
from types import SimpleNamespace

import pytest
import xllamacpp

from lib_omost.llm.engine import Done, Failed, Text
from lib_omost.llm.llama_cpp import server_loading
from lib_omost.llm.llama_cpp.memory_plan import MemoryPlan
from lib_omost.llm.llama_cpp.runner import ChatTask, Runner, chat_request
from lib_omost.llm.llama_cpp.server_loading import (
    ModelOptions,
    graphics_card,
    server_parameters,
)
from lib_omost.llm.llama_cpp.worker import chat_fields, parse_chat, parse_options, worker_command
from tests.llm.asking import task


def end_of(options):
    *_, end = Runner(options).stream(ChatTask(task("hello")), threading.Event())
    return end


def test_a_missing_package_is_reported(gguf, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    end = end_of(ModelOptions(gguf))
    assert isinstance(end, Failed)
    assert "tiny.gguf needs a package that is missing" in end.message
    assert "`pip install xllamacpp`" in end.message


def test_missing_memory_is_reported_before_the_model_is_loaded(gguf, monkeypatch):
    monkeypatch.setattr(server_loading, "_free_memory", lambda: 100 << 20)
    assert (
        "There is not enough memory for tiny.gguf: it needs" in end_of(ModelOptions(gguf)).message
    )


def test_a_missing_file_is_reported(tmp_path):
    assert "gone.gguf" in end_of(ModelOptions(tmp_path / "gone.gguf")).message


@pytest.mark.parametrize("context", [None, 4096])
def test_the_options_of_a_model_cross_to_the_worker(gguf, context):
    options = ModelOptions(gguf, context, gpu_reserve=3 << 30)
    command = worker_command(gguf.parent / "python", options)
    assert parse_options(command[3:]) == options


def test_a_task_crosses_to_the_worker():
    chat = ChatTask(task("Grüße", "canvas", "a cat", seed=3), {"grammar": "root ::= [a-z]"})
    assert parse_chat(chat_fields(chat)) == chat


def test_the_plan_reaches_llama_cpp(gguf):
    plan = MemoryPlan(context=4096, gpu_layers=12)
    found = server_parameters(xllamacpp, gguf, "key", plan, card=1)
    assert (found.n_ctx, found.n_gpu_layers, found.main_gpu) == (4096, 12, 1)
    assert found.api_keys == ["key"]
    assert not found.fit_params
    # negative: llama.cpp counts the physical cores
    assert found.cpuparams.n_threads < 0


@pytest.mark.parametrize(
    ("devices", "card"),
    [
        ([("cpu", 64)], (0, 0)),
        ([("gpu", 8), ("cpu", 64)], (0, 8)),
        ([("gpu", 8), ("gpu", 12), ("integrated", 60), ("cpu", 64)], (1, 12)),
    ],
)
def test_the_graphics_card_with_the_most_free_memory_is_used(devices, card):
    package = SimpleNamespace(
        ggml_backend_dev_type=SimpleNamespace(GGML_BACKEND_DEVICE_TYPE_GPU="gpu"),
        get_device_info=lambda: [
            {"type": kind, "memory_free": free, "name": kind} for kind, free in devices
        ],
    )
    assert graphics_card(package) == card


def test_the_last_seed_stands_for_a_random_one_and_is_not_used():
    seeds = [chat_request(ChatTask(task("a", seed=seed)))["seed"] for seed in (7, 2**32 - 1, -1)]
    assert seeds == [7, 0, 2**32 - 2]


class ScriptedServer:
    """A server that sends a piece again and again until its receiver ends the answer."""

    def __init__(self, piece):
        self.piece = piece
        self.ended = threading.Event()

    def handle_chat_completions(self, body, receive):
        until = time.monotonic() + 10
        while not receive(json.dumps(self.piece)) and time.monotonic() < until:
            time.sleep(0.01)
        self.ended.set()


def scripted_runner(gguf, piece):
    runner = Runner(ModelOptions(gguf))
    runner._server = ScriptedServer(piece)
    return runner


def test_a_cancelled_answer_also_ends_for_llama_cpp(gguf):
    runner = scripted_runner(gguf, {"choices": [{"delta": {"content": "a"}}]})
    cancel = threading.Event()
    events = runner.stream(ChatTask(task("hello")), cancel)
    next(event for event in events if isinstance(event, Text))
    cancel.set()
    assert isinstance(list(events)[-1], Done)
    assert runner._server.ended.wait(1)


def test_an_answer_whose_reader_goes_away_ends_for_llama_cpp(gguf):
    runner = scripted_runner(gguf, {"choices": [{"delta": {"content": "a"}}]})
    events = runner.stream(ChatTask(task("hello")), threading.Event())
    next(event for event in events if isinstance(event, Text))
    events.close()
    assert runner._server.ended.wait(1)


def test_an_answer_in_another_form_is_reported(gguf):
    runner = scripted_runner(gguf, {"choices": [{"text": "no delta"}]})
    *_, end = runner.stream(ChatTask(task("hello")), threading.Event())
    assert end == Failed("llama.cpp failed ('delta'): try again, or choose another model.")
