"""Compares llama.cpp and transformers on one GGUF file: `python -m benchmarks.engines --llm FILE`.

Both run the file in a worker process of their own and take turns with the same requests. The
transformers engine unpacks the file, which only this benchmark does. Measured for each engine:
load       seconds from the start of the process to the first text of a short answer;
speed      tokens per second from the first token of an answer to its last, greedy decoding;
first      seconds to the first token of a conversation with the system prompt;
second     seconds to the first token of the second turn of that conversation;
memory     resident memory of the process after these answers, in GB;
cancel     seconds until a load that was cancelled at its first progress report has ended.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lib_omost.llm import process_messages
from lib_omost.llm.engine import Done, Failed, Message, Progress, Role, Task, Text
from lib_omost.llm.llama_cpp.engine import LlamaCppEngine
from lib_omost.llm.process_engine import ProcessEngine
from lib_omost.llm.process_serving import reserve_stdout, serve_tasks
from lib_omost.llm.system_prompt import code_prompt

REQUEST = "Write a long story about a lighthouse keeper, a storm and a lost ship."
WORKER = "--transformers-worker"

Measures = dict[str, float]
"""The measured values of an engine by name."""


def build_task(*texts: str, tokens: int) -> Task:
    """Returns a task for free text with greedy decoding.

    Args:
        texts: The system prompt, then requests and answers in turns.
        tokens: Length of the answer.
    """
    roles: tuple[Role, ...] = ("system", *(("user", "assistant") * len(texts)))
    messages: list[Message] = [
        {"role": role, "content": text} for role, text in zip(roles, texts, strict=False) if text
    ]
    return Task(tuple(messages), max_new_tokens=tokens, canvas_only=False)


@dataclass
class TimedAnswer:
    """An answer with its times.

    Attributes:
        text: The text.
        tokens: Number of tokens.
        first: Seconds from the start of the task to the first text.
        last: Seconds from the start of the task to the last text.
    """

    text: str = ""
    tokens: int = 0
    first: float = 0.0
    last: float = 0.0

    @property
    def tokens_per_second(self) -> float:
        """The speed after the first token."""
        return (self.tokens - 1) / (self.last - self.first)


def run_task(engine: ProcessEngine, task: Task) -> TimedAnswer:
    """Runs a task.

    Raises:
        SystemExit: The engine failed.
    """
    began = time.perf_counter()
    answer = TimedAnswer()
    for event in engine.stream(task, threading.Event()):
        if isinstance(event, Text):
            answer.last = time.perf_counter() - began
            answer.first = answer.first or answer.last
            answer.text += event.text
        elif isinstance(event, Done):
            answer.tokens = event.tokens
        elif isinstance(event, Failed):
            raise SystemExit(event.message)
    return answer


def measure_engine(engine: ProcessEngine, tokens: int, round_number: int) -> Measures:
    """Measures a loaded engine once; the text of the requests differs between rounds.

    Args:
        engine: The engine.
        tokens: Length of the answers.
        round_number: The number of the round.
    """
    story = run_task(engine, build_task("", f"{REQUEST} {round_number}", tokens=tokens))
    system, request = code_prompt(), f"a lighthouse in a storm, number {round_number}"
    # A first sentence that differs prevents the reuse of the system prompt of the last round.
    system = f"Round {round_number}. {system}"
    first = run_task(engine, build_task(system, request, tokens=8))
    follow_up = build_task(system, request, first.text, "add a ship to the picture", tokens=8)
    second = run_task(engine, follow_up)
    return {"speed": story.tokens_per_second, "first": first.first, "second": second.first}


def measure_load(engine: ProcessEngine) -> float:
    """Loads a model and returns the seconds to the first text of a short answer."""
    return run_task(engine, build_task("", "hello", tokens=4)).first


def measure_cancelled_load(engine: ProcessEngine) -> float:
    """Cancels a load at its first progress report and returns the seconds until it has ended."""
    cancel = threading.Event()
    began = 0.0
    with closing(engine.stream(build_task("", "hello", tokens=4), cancel)) as events:
        for event in events:
            if not began and isinstance(event, Progress) and "Loading" in event.message:
                began = time.perf_counter()
                cancel.set()
            if isinstance(event, (Done, Failed)):
                break
    engine.unload()
    return time.perf_counter() - began


def resident_gigabytes(engine: ProcessEngine) -> float:
    """Returns the resident memory of an engine's process."""
    return float(psutil.Process(engine.process_id).memory_info().rss) / 1e9


def compare(path: Path, tokens: int, rounds: int) -> dict[str, Measures]:
    """Measures both engines in one run.

    Args:
        path: The GGUF file.
        tokens: Length of the answers in tokens.
        rounds: Number of rounds, in each of which both engines take turns.
    """
    worker = [sys.executable, "-m", "benchmarks.engines", WORKER, str(path)]
    engines: dict[str, ProcessEngine] = {
        "llama.cpp": LlamaCppEngine(Path(sys.executable), path),
        "transformers": ProcessEngine(worker),
    }
    results: dict[str, Measures] = {}
    for name, engine in engines.items():
        results[name] = {"cancel": measure_cancelled_load(engine), "load": measure_load(engine)}
    measured: dict[str, list[Measures]] = {name: [] for name in engines}
    for round_number in range(rounds):
        for name, engine in engines.items():
            measured[name].append(measure_engine(engine, tokens, round_number))
    for name, engine in engines.items():
        rounds_of = measured[name]
        results[name] |= {
            value: statistics.median(one[value] for one in rounds_of) for value in rounds_of[0]
        }
        results[name]["memory"] = resident_gigabytes(engine)
        engine.unload()
    return results


def table(results: dict[str, Measures]) -> str:
    """Returns the results as a Markdown table, one row for each measure."""
    rows = [("", *results), ("---", *("---" for _ in results))]
    for name in ("load", "speed", "first", "second", "memory", "cancel"):
        rows.append((name, *(f"{values[name]:.2f}" for values in results.values())))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def run_transformers_worker(path: Path) -> None:
    """Serves the tasks of the benchmark with transformers, which unpacks the file.

    Args:
        path: The GGUF file.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from lib_omost.llm.chat_template import end_of_turn_token
    from lib_omost.llm.model_loading import LoadedModel
    from lib_omost.llm.transformers_engine import TransformersEngine

    class UnpackingEngine(TransformersEngine):
        """An engine that reads a GGUF file."""

        def _answer(self, job: Any) -> Done:
            self._loaded = self._loaded or load(job.step)
            return super()._answer(job)

    def load(step: Callable[..., None]) -> LoadedModel:
        step(f"Loading {path.name}")
        source = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
        tokenizer = AutoTokenizer.from_pretrained(**source)
        network = AutoModelForCausalLM.from_pretrained(**source, dtype="float32").eval()
        step("Preparing")
        ends = {tokenizer.eos_token_id, end_of_turn_token(tokenizer)} - {None}
        context = network.config.max_position_embeddings
        return LoadedModel(tokenizer, network, frozenset(ends), context)

    send = reserve_stdout()
    engine = UnpackingEngine(str(path), device="cpu")
    serve_tasks(engine, process_messages.read_lines(sys.stdin), send)
    os._exit(0)


def main() -> None:
    """Parses the command line, measures, and prints a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--llm", type=Path, metavar="FILE", help="the GGUF file")
    parser.add_argument("--tokens", type=int, default=96, help="number of tokens in each answer")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(WORKER, type=Path, metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.transformers_worker:
        run_transformers_worker(options.transformers_worker)
        return
    if not options.llm:
        parser.error("--llm FILE is required")
    results = compare(options.llm, options.tokens, options.rounds)
    print(json.dumps({"model": options.llm.name, **results}) if options.json else table(results))


if __name__ == "__main__":
    main()
