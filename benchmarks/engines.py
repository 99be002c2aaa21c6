"""Measures the overhead of the engines over transformers: `python -m benchmarks.engines`.

One model answers one request in three ways, which take turns in one run:
raw          generate() of transformers;
in_process   LocalEngine, in a thread, with streamed text;
own_process  ProcessEngine, whose text also passes through a pipe.
The speed is in tokens per second from the first token to the last.

The second measurement is the time to the first token of a conversation's second turn: with the
attention of the first turn in the cache, and with that of another conversation.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import torch

from lib_omost.llm.chat_template import conversation_tokens
from lib_omost.llm.engine import Done, Engine, Message, Task, Text
from lib_omost.llm.engine_factory import create_engine
from lib_omost.llm.model_catalog import find_model
from lib_omost.llm.model_loading import LoadedModel, load_model

REQUEST = "Write a long story about a lighthouse keeper, a storm and a lost ship."
OTHER_REQUEST = "Write a list of a hundred kinds of fruit and vegetables."


class Clock:
    """A streamer of transformers that records the times of tokens."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def put(self, value: torch.Tensor) -> None:
        """Receives the prompt, or a token."""
        self.times.append(time.perf_counter())

    def end(self) -> None:
        """Receives the end."""


def task(messages: list[Message], tokens: int) -> Task:
    """Returns a task for free text of a fixed length with greedy decoding."""
    return Task(tuple(messages), temperature=0, max_new_tokens=tokens, canvas_only=False)


def message(role: Any, content: str) -> Message:
    """Returns one message."""
    return {"role": role, "content": content}


def raw_speed(loaded: LoadedModel, tokens: int) -> float:
    """Returns the tokens per second of generate()."""
    prompt = torch.tensor([conversation_tokens(loaded.tokenizer, [message("user", REQUEST)])])
    clock = Clock()
    loaded.network.generate(
        input_ids=prompt.to(loaded.network.device),
        attention_mask=torch.ones_like(prompt).to(loaded.network.device),
        max_new_tokens=tokens,
        do_sample=False,
        streamer=clock,
    )
    first, last = clock.times[1], clock.times[-1]  # the prompt came before them
    return (len(clock.times) - 2) / (last - first)


def speed(engine: Engine, tokens: int) -> float:
    """Returns the tokens per second of an engine."""
    first = last = 0.0
    written = 0
    for event in engine.stream(task([message("user", REQUEST)], tokens), threading.Event()):
        last = time.perf_counter()
        if isinstance(event, Text) and not first:
            first = last
        if isinstance(event, Done):
            written = event.tokens
    return (written - 1) / (last - first)


def first_token(engine: Engine, messages: list[Message]) -> float:
    """Returns the seconds to the first text of an answer."""
    begun = time.perf_counter()
    with closing(engine.stream(task(messages, 8), threading.Event())) as events:
        next(event for event in events if isinstance(event, Text))
        return time.perf_counter() - begun


def second_turns(engine: Engine, system: str, rounds: int) -> Iterator[tuple[float, float]]:
    """Returns the seconds to a second turn's first token, with the cache and without."""
    begin = [message("system", system), message("user", "a lighthouse in a storm")]
    other_chat = [message("user", OTHER_REQUEST)]
    for _ in range(rounds):
        answer = "".join(
            event.text
            for event in engine.stream(task(begin, 200), threading.Event())
            if isinstance(event, Text)
        )
        more = [
            *begin,
            message("assistant", answer),
            message("user", "add some meteorites to the picture"),
        ]
        with_cache = first_token(engine, more)
        first_token(engine, other_chat)
        yield with_cache, first_token(engine, more)


def measure(name: str, tokens: int, rounds: int) -> dict[str, Any]:
    """Measures everything in several rounds, in each of which all engines take turns."""
    local = create_engine(name)
    process = create_engine(name, python=Path(sys.executable))
    loaded = load_model(find_model(name), "auto", "auto", lambda message, fraction=None: None)
    speeds: dict[str, list[float]] = {"raw": [], "in_process": [], "own_process": []}
    for turn in range(rounds + 1):
        measured = {
            "raw": raw_speed(loaded, tokens),
            "in_process": speed(local.engine, tokens),
            "own_process": speed(process.engine, tokens),
        }
        for kind, value in measured.items():
            if turn:  # the first one warms up
                speeds[kind].append(value)
    process.engine.unload()
    turns = list(second_turns(local.engine, local.system, rounds))
    with_cache, without = (statistics.median(times) for times in zip(*turns, strict=True))
    of_raw = {
        kind: statistics.median(a / b for a, b in zip(speeds[kind], speeds["raw"], strict=True))
        for kind in ("in_process", "own_process")
    }
    return {
        "model": name,
        "threads": torch.get_num_threads(),
        "tokens_per_second": {k: round(statistics.median(v), 2) for k, v in speeds.items()},
        "of_raw": {kind: round(ratio, 3) for kind, ratio in of_raw.items()},
        "second_turn_first_token_seconds": {
            "with_cache": round(with_cache, 3),
            "without": round(without, 3),
            "times_faster": round(without / with_cache, 1),
        },
    }


def main() -> None:
    """Parses the command line, measures, and prints JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--llm", default="smollm2", help="name, folder or file of a language model")
    parser.add_argument("--tokens", type=int, default=96, help="number of tokens in each answer")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(json.dumps(measure(options.llm, options.tokens, options.rounds), indent=1))


if __name__ == "__main__":
    main()
