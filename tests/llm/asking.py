"""Tasks for engines, and helpers that evaluate their events."""

import threading
import time

from lib_omost.llm.engine import Done, Progress, Task, Text
from lib_omost.llm.transformers_engine import TransformersEngine
from tests.llm import tiny

SCRIPT = "canvas = Canvas()\ncanvas.set_global_description(description='Grüße, 猫 🐈‍⬛')\n"
LONG = "a long request " * 60
"""A request longer than three blocks of the prefill."""


def scripted(folder, text=SCRIPT, seconds=0.0):
    return TransformersEngine(
        folder,
        device="cpu",
        grammar_factory=lambda tokenizer, _: tiny.Script(tokenizer, text, seconds),
    )


def task(*texts, **changes):
    roles = ("user", "assistant")
    messages = tuple({"role": roles[i % 2], "content": text} for i, text in enumerate(texts))
    usual = {"max_new_tokens": 60, "temperature": 0.6, "top_p": 0.9}
    return Task(messages, **{**usual, **changes})


def stream(engine, task, cancel=None):
    return engine.stream(task, cancel or threading.Event())


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, Text))


def answer(engine, task):
    *events, end = stream(engine, task)
    assert isinstance(end, Done), end
    return text_of(events)


def prefill_start(events):
    """Returns the fraction at which the prefill starts, None without a prefill."""
    parts = [e.fraction for e in events if isinstance(e, Progress) and e.fraction is not None]
    return parts[0] if parts else None


def is_progress(text):
    return lambda event: isinstance(event, Progress) and text in event.message


def slow_prefill(engine, seconds):
    """Delays each prefill pass of an engine's model."""
    answer(engine, task("load"))
    model = engine._loaded.network.base_model

    def wait(module, args, kwargs):
        if kwargs["input_ids"].shape[1] > 1:
            time.sleep(seconds)

    model.register_forward_pre_hook(wait, with_kwargs=True)
