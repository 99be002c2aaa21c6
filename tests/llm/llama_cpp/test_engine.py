"""Answers of the real llama.cpp in its worker process, from a tiny model."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time

import pytest

from lib_omost.llm.child_process import ROOT
from lib_omost.llm.engine import Done, Failed, Progress, Text, Thinking
from lib_omost.llm.llama_cpp.engine import CANCEL_TIMEOUT, LlamaCppEngine
from model_tools.tiny_gguf import CHAT_TEMPLATE, NO_SYSTEM_TEMPLATE, write_tiny_gguf
from tests.llm.asking import answer, is_progress, stream, task, text_of
from tests.llm.llama_cpp.conftest import new_engine

READING = "Reading the conversation"
WORDS = "a lighthouse in a storm " * 40
"""About 960 tokens, 15 passes of the model."""


def greedy(*texts, **changes):
    return task(*texts, temperature=0, max_new_tokens=20, **changes)


def passes(events):
    """Returns the number of reports about the reading of a conversation."""
    return sum(is_progress(READING)(event) for event in events)


def test_an_answer_ends_at_the_limit(engine):
    *events, end = stream(engine, greedy("hello"))
    assert end == Done("length", 20)
    assert text_of(events)


def test_greedy_decoding_writes_the_same_again(engine):
    assert answer(engine, greedy("hello")) == answer(engine, greedy("hello"))
    assert answer(engine, greedy("hello")) != answer(engine, greedy("goodbye"))


def test_a_seed_writes_the_same_again(engine):
    def written(seed):
        return answer(engine, task("hello", temperature=1.0, seed=seed))

    assert written(3) == written(3) != written(4)
    assert written(2**32 - 1) == written(2**32 - 1)
    assert written(-1) == written(-1)


def test_a_grammar_restricts_the_answer(gguf):
    engine = new_engine(gguf, restrict=lambda task: {"grammar": 'root ::= "a cat, " [1-3] "!"'})
    *events, end = stream(engine, greedy("hello"))
    engine.unload()
    assert text_of(events) in ("a cat, 1!", "a cat, 2!", "a cat, 3!")
    assert end.reason == "finished"


def test_a_json_schema_restricts_the_answer(gguf):
    schema = {
        "type": "object",
        "properties": {"color": {"type": "string", "enum": ["red", "blue"]}},
        "required": ["color"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "c", "strict": True, "schema": schema}}
    engine = new_engine(gguf, restrict=lambda task: {"response_format": form})
    found = json.loads(answer(engine, task("hello", temperature=0, max_new_tokens=60)))
    engine.unload()
    assert found in ({"color": "red"}, {"color": "blue"})


def test_an_invalid_grammar_is_refused(gguf):
    engine = new_engine(gguf, restrict=lambda task: {"grammar": "root ::= [a"})
    *_, end = stream(engine, greedy("hello"))
    engine.unload()
    assert isinstance(end, Failed)
    assert end.refused
    assert "failed to parse grammar" in end.message


def test_an_answer_that_loops_is_ended(gguf):
    line = "the same words once again, and nothing else at all; "
    rule = f'root ::= ("{line}"){{40,50}}'
    engine = new_engine(gguf, restrict=lambda task: {"grammar": rule})
    *events, end = stream(engine, task("hello", max_new_tokens=2000))
    engine.unload()
    assert end.reason == "repetition"
    assert text_of(events).startswith(line)


def test_loading_and_reading_report_fractions(gguf):
    engine = new_engine(gguf)
    events = list(stream(engine, greedy(WORDS)))
    engine.unload()
    assert Progress("Loading tiny.gguf", 1.0) in events
    fractions = [e.fraction for e in events if is_progress(READING)(e) and e.fraction is not None]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)
    assert len(fractions) >= 15


def test_a_second_turn_reads_only_what_is_new(engine):
    first = [*stream(engine, greedy(WORDS, "canvas", "a storm"))]
    second = [*stream(engine, greedy(WORDS, "canvas", "a storm", "canvas", "a cat"))]
    assert passes(first) >= 15
    assert passes(second) <= 3


def test_another_conversation_reads_the_system_prompt_once(engine):
    assert passes([*stream(engine, greedy(f"{WORDS} at night"))]) >= 1
    assert passes([*stream(engine, greedy(f"{WORDS} at noon"))]) <= 3


def test_a_remembered_conversation_is_answered_as_a_new_one(gguf):
    engine = new_engine(gguf)
    remembered = [answer(engine, greedy(WORDS, "a", end)) for end in ("x", "y")][1]
    engine.unload()
    assert remembered == answer(engine, greedy(WORDS, "a", "y"))
    engine.unload()


def test_a_task_is_cancelled_while_the_conversation_is_read(engine):
    cancel = threading.Event()
    events = stream(engine, greedy("another long request " * 80), cancel)
    next(e for e in events if is_progress(READING)(e) and e.fraction is not None)
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 0)
    assert answer(engine, greedy("b"))


def test_a_task_is_cancelled_while_it_writes(engine):
    cancel = threading.Event()
    events = stream(engine, task("hello", temperature=0, max_new_tokens=1500), cancel)
    next(event for event in events if isinstance(event, Text))
    cancel.set()
    *_, end = events
    assert end.reason == "cancelled"
    assert end.tokens < 1500


def test_a_task_is_cancelled_while_the_model_loads(tmp_path):
    file = write_tiny_gguf(tmp_path / "large.gguf")
    with file.open("r+b") as large:
        large.truncate(1 << 30)  # takes no space on the disk, but time to read
    engine = new_engine(file)
    cancel = threading.Event()
    events = stream(engine, greedy("hello"), cancel)
    next(event for event in events if is_progress("Loading large.gguf")(event))
    began = time.monotonic()
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 0)
    assert time.monotonic() - began < CANCEL_TIMEOUT + 1
    engine.unload()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_worker_that_loading_blocks_is_ended_soon_after_a_cancellation(tmp_path, gguf):
    blocked = tmp_path / "python"
    blocked.write_text("#!/bin/sh\nexec sleep 60\n")
    blocked.chmod(0o755)
    engine = LlamaCppEngine(blocked, gguf)
    cancel = threading.Event()
    events = stream(engine, greedy("hello"), cancel)
    next(events)
    began = time.monotonic()
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 0)
    assert time.monotonic() - began < CANCEL_TIMEOUT + 2
    engine.unload()


def test_tokens_are_counted_once_the_model_is_loaded(gguf):
    engine = new_engine(gguf)
    messages = [{"role": "user", "content": "four"}]
    assert engine.count(messages) is None
    answer(engine, greedy("hello"))
    # <|user|>, four letters, <|end|>, <|assistant|>
    assert engine.count(messages) == 7
    engine.unload()
    assert engine.count(messages) is None


def test_unloading_ends_the_process(gguf):
    engine = new_engine(gguf)
    answer(engine, greedy("hello"))
    process = engine._worker._process
    engine.unload()
    assert process.poll() is not None
    assert answer(engine, greedy("hello"))
    engine.unload()


def test_a_conversation_longer_than_the_context_window_is_refused(gguf):
    engine = new_engine(gguf, context=512)
    *_, end = stream(engine, greedy(WORDS))
    engine.unload()
    assert end.refused
    assert "tokens, but the model reads 512: start a new chat" in end.message


def test_a_model_without_a_system_role_reads_the_system_prompt(tmp_path, gguf):
    file = write_tiny_gguf(tmp_path / "gemma.gguf", template=NO_SYSTEM_TEMPLATE)
    engine = new_engine(file)
    system = {"role": "system", "content": "Compose a canvas."}
    user = {"role": "user", "content": "hello"}
    assert isinstance([*stream(engine, greedy("hello"))][-1], Done)
    assert engine.count([system, user]) >= engine.count([user]) + len(system["content"])
    engine.unload()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: b"<html>", "it is no GGUF file): download it again"),
        (lambda content: content[:300], "damaged or incomplete"),
        (lambda content: content[:-5000], "damaged or incomplete"),
    ],
)
def test_a_damaged_file_is_reported(tmp_path, gguf, damage, message):
    file = tmp_path / "damaged.gguf"
    file.write_bytes(damage(gguf.read_bytes()))
    engine = new_engine(file)
    *_, end = stream(engine, greedy("hello"))
    engine.unload()
    assert isinstance(end, Failed)
    assert "damaged.gguf" in end.message
    assert message in end.message


def test_an_unknown_architecture_is_reported(tmp_path):
    engine = new_engine(write_tiny_gguf(tmp_path / "new.gguf", architecture="omega"))
    *_, end = stream(engine, greedy("hello"))
    engine.unload()
    assert "new.gguf has the architecture omega" in end.message


def test_the_worker_imports_no_package_of_the_host():
    # -S: without site-packages
    program = "import lib_omost.llm.llama_cpp.worker"
    subprocess.run([sys.executable, "-S", "-c", program], cwd=ROOT, check=True)


def test_thinking_is_separate_from_the_answer(gguf):
    rule = 'root ::= "<think>it is dark</think>\\n\\na cat"'
    engine = new_engine(gguf, restrict=lambda task: {"grammar": rule})
    *events, end = stream(engine, task("hello", max_new_tokens=100))
    engine.unload()
    assert "".join(e.text for e in events if isinstance(e, Thinking)) == "it is dark"
    assert text_of(events) == "a cat"
    assert end.thinking_tokens > 0
    assert end.tokens > 0


def test_thinking_that_llama_cpp_separates_is_separate(gguf, monkeypatch):
    engine = new_engine(gguf)
    events = [Thinking("it is dark"), Text("a cat"), Done("finished", 5)]
    monkeypatch.setattr(engine, "ask", lambda *_: (event for event in events))
    *rest, end = stream(engine, greedy("hello"))
    assert rest == events[:-1]
    assert end == Done("finished", 4, thinking_tokens=1)


def test_thinking_without_an_answer_is_reported(gguf):
    rule = 'root ::= "<think>" [a-z]{200}'
    engine = new_engine(gguf, restrict=lambda task: {"grammar": rule})
    *_, end = stream(engine, task("hello", max_new_tokens=100))
    engine.unload()
    assert isinstance(end, Failed)
    assert end.only_thinking


def test_thinking_can_be_turned_off(tmp_path):
    letters = "{% for i in range(600) %}x{% endfor %}"
    marked = CHAT_TEMPLATE + "{% if enable_thinking is false %}" + letters + "{% endif %}"
    engine = new_engine(write_tiny_gguf(tmp_path / "thinking.gguf", template=marked), context=512)
    *_, usual = stream(engine, greedy("four"))
    *_, silent = stream(engine, greedy("four", thinking="off"))
    engine.unload()
    assert "The conversation has" not in str(usual)
    assert "The conversation has 607 tokens" in silent.message


def test_a_template_with_an_error_is_reported(tmp_path):
    file = write_tiny_gguf(tmp_path / "wrong.gguf", template="{{ raise_exception('never') }}")
    engine = new_engine(file)
    *_, end = stream(engine, greedy("hello"))
    engine.unload()
    assert isinstance(end, Failed)
    assert "\n" not in end.message
