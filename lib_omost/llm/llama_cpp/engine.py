"""Runs a GGUF model with llama.cpp in a worker process, as an engine of the interface Engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from lib_omost.llm.answer_events import AnswerEvents, template_arguments
from lib_omost.llm.child_process import clean_environment
from lib_omost.llm.engine import Done, Event, Task, Text, Thinking
from lib_omost.llm.llama_cpp.runner import ChatTask
from lib_omost.llm.llama_cpp.server_loading import ModelOptions
from lib_omost.llm.llama_cpp.worker import chat_fields, worker_command
from lib_omost.llm.process_engine import ProcessEngine
from lib_omost.llm.server.answer import max_answer_characters

CANCEL_TIMEOUT = 1.0
"""Seconds after which a cancelled worker is killed.

A worker ends a cancelled task within this time, unless llama.cpp is loading the model.
"""

Restrict = Callable[[Task], Mapping[str, Any]]
"""Returns the fields of llama.cpp's chat request that restrict the answer to a task."""


class LlamaCppEngine(ProcessEngine):
    """An engine that runs a GGUF model with llama.cpp in a worker process.

    Args:
        python: The Python executable of the worker, which has the package xllamacpp.
        path: The GGUF file.
        context: Maximum context window in tokens, None for the limit of the model.
        gpu_reserve: Returns the bytes of the graphics card's memory that must stay free; called
            before the model is loaded.
        restrict: Restricts answers, by default to nothing.
    """

    def __init__(
        self,
        python: Path,
        path: Path,
        *,
        context: int | None = None,
        gpu_reserve: Callable[[], int] = lambda: 0,
        restrict: Restrict = lambda task: {},
    ) -> None:
        self._restrict = restrict
        # Threads that wait for each other must sleep: while other programs use the processor,
        # active waiting makes llama.cpp ten times slower.
        super().__init__(
            lambda: worker_command(python, ModelOptions(path, context, gpu_reserve())),
            environment={**clean_environment(), "OMP_WAIT_POLICY": "passive"},
            cancel_timeout=CANCEL_TIMEOUT,
        )

    def stream(self, task: Task, cancel: threading.Event) -> Generator[Event, None, None]:
        """Writes an answer (Engine.stream)."""
        pending: list[Event] = []
        answer = AnswerEvents(pending.append, is_restricted=bool(self._restrict(task)))
        most = max_answer_characters(task.max_new_tokens)
        with closing(self.ask(chat_fields(self._chat(task)), cancel, most)) as events:
            for event in events:
                if isinstance(event, Text):
                    answer.add(event.text)
                elif isinstance(event, Thinking):
                    answer.add_thinking(event.text)
                else:
                    pending.append(answer.finish(event) if isinstance(event, Done) else event)
                yield from pending
                pending.clear()

    def _chat(self, task: Task) -> ChatTask:
        restriction = self._restrict(task)
        # A restricted answer has no place for thinking.
        arguments = template_arguments("off" if restriction else task.thinking)
        return ChatTask(task, {**restriction, "chat_template_kwargs": arguments})
