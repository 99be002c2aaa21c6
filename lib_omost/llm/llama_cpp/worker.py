"""The program of a GGUF model's worker process: `python -m lib_omost.llm.llama_cpp.worker FILE`.

Its Python needs no package but xllamacpp. It ends when its standard input is closed, which also
happens when its parent process ends.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from lib_omost.llm import process_messages
from lib_omost.llm.llama_cpp.runner import ChatTask, Runner
from lib_omost.llm.llama_cpp.server_loading import ModelOptions
from lib_omost.llm.process_serving import reserve_stdout, serve_tasks


def worker_command(python: Path, options: ModelOptions) -> list[str]:
    """Returns the command that starts a worker for a GGUF file.

    Args:
        python: The Python executable of the worker.
        options: The model.
    """
    command = [str(python), "-m", __name__, str(options.path)]
    command += ["--gpu-reserve", str(options.gpu_reserve)]
    return [*command, "--context", str(options.context)] if options.context else command


def chat_fields(chat: ChatTask) -> dict[str, Any]:
    """Returns a task as JSON values.

    Args:
        chat: The task.
    """
    return {
        "task": process_messages.task_fields(chat.task),
        "fields": dict(chat.fields),
    }


def parse_chat(fields: dict[str, Any]) -> ChatTask:
    """Returns the task of JSON values.

    Args:
        fields: The result of `chat_fields`.
    """
    return ChatTask(process_messages.parse_task(fields["task"]), fields["fields"])


def parse_options(arguments: list[str]) -> ModelOptions:
    """Returns the model of a command line.

    Args:
        arguments: The arguments after the name of the module (worker_command).
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path, help="the GGUF file")
    parser.add_argument("--context", type=int, help="maximum context window in tokens")
    parser.add_argument("--gpu-reserve", type=int, default=0, help="bytes that must stay free")
    return ModelOptions(**vars(parser.parse_args(arguments)))


def main() -> None:
    """Runs the model that the command line names."""
    send = reserve_stdout()
    runner = Runner(parse_options(sys.argv[1:]))
    serve_tasks(runner, process_messages.read_lines(sys.stdin), send, parse_chat)
    # Running threads must not keep the process alive after its parent has ended.
    os._exit(0)


if __name__ == "__main__":
    main()
