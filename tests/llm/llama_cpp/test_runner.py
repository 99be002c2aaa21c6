"""What the worker does before llama.cpp loads a model."""

from __future__ import annotations

import sys
import threading

import pytest

from lib_omost.llm.engine import Failed
from lib_omost.llm.llama_cpp import runner
from lib_omost.llm.llama_cpp.runner import ChatTask, ModelOptions, Runner
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
    monkeypatch.setattr(runner, "_free_memory", lambda: 100 << 20)
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
