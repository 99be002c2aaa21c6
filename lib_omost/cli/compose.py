"""The `compose` command: composes the canvas of a request with a language model."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from lib_omost.canvas import formats
from lib_omost.canvas.code_reader import NO_CODE
from lib_omost.canvas.diagnostics import Diagnostic, Reading
from lib_omost.canvas.layouts.other_files import PLAIN_TEXT
from lib_omost.canvas.model import Canvas
from lib_omost.cli.common import (
    USAGE_STATUS,
    UsageError,
    add_setting,
    check_text_output,
    print_message,
    print_result,
    read_text,
    write_file,
)
from lib_omost.cli.models import download_if_missing
from lib_omost.compose.conversation import Conversation, ConversationError, fits
from lib_omost.compose.conversation_json import from_json, to_json
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import COMPOSE_FIELDS, ComposeSettings
from lib_omost.ctrl_c import INTERRUPTED
from lib_omost.llm.engine import Done, Failed, Progress, Task, Text, Thinking
from lib_omost.llm.engine_factory import ChosenEngine, create_engine
from lib_omost.llm.event_stream import CollectedAnswer
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_downloads.store import DATA_FOLDER
from lib_omost.llm.server.adaptation_memory import ADAPTATIONS_FILE
from lib_omost.setting_fields import SettingsError

KEY = "OMOST_API_KEY"
"""Environment variable of a server's API key. Other users can see a command line's options."""

WITHOUT_OPTION = frozenset({"own_process", "keep_loaded"})
"""Settings that only matter in a program that also generates pictures."""

SHORTER_OPTIONS = {"model": "--llm", "server_model": "--model", "max_new_tokens": "--max-tokens"}

OPTIONS = {
    name: SHORTER_OPTIONS.get(name, f"--{name.replace('_', '-')}")
    for name in COMPOSE_FIELDS
    if name not in WITHOUT_OPTION
}
"""Options of the settings of composing, by the settings' names."""

NOTES = {
    "model": "A model of `models list` is downloaded on its first use.",
    "server_model": f"The API key of the server is read from the environment variable {KEY}.",
}
"""Sentences that the help of an option adds to the setting's own."""

PROSE = "error: the answer contains no canvas; choose another --seed or another model"

THINKING = "the model is thinking (-v prints its thinking)"

EARLY_ENDS = {
    "length": "the answer was cut off at --max-tokens or at the end of the model's context",
    "repetition": "the model repeated itself and was stopped; the text before that is kept",
    "cancelled": "interrupted; the text so far is kept",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options to a parser."""
    add = parser.add_argument
    add(
        "request",
        metavar="WORDS",
        help='a description of the picture, such as "a cat and a dog on a sofa"',
    )
    add_model(parser)
    add(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="seed of the sampling; the same seed writes the same canvas (default: 0)",
    )
    add(
        "--chat",
        metavar="FILE",
        help="a file with a conversation to continue; it is created if it does not exist",
    )
    add(
        "--from-canvas",
        action="store_true",
        help="send the model only the newest canvas of the conversation, for a conversation that "
        "is too long; the file of --chat keeps everything",
    )
    add(
        "--canvas",
        metavar="FILE",
        help="a file with a canvas in any format, which the request changes",
    )
    add(
        "--to",
        choices=("code", "json"),
        default="code",
        help="output format: Omost's Python code or this extension's JSON; code becomes JSON if it "
        "cannot express the canvas (default: code)",
    )
    add("--out", metavar="FILE", help="file of the canvas; the answer is still printed")
    add(
        "-v",
        "--verbose",
        action="store_true",
        help="also print the thinking of a reasoning model, on standard error",
    )
    parser.epilog = (
        "Remarks go to standard error. Exit status: 0 a canvas was written; 1 none, or the model "
        f"cannot be used; 2 a wrong call; {INTERRUPTED} interrupted."
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a language model and of its sampling."""
    for name, option in OPTIONS.items():
        add_setting(parser, COMPOSE_FIELDS[name], option=option, note=NOTES.get(name, ""))


def compose_settings(args: argparse.Namespace) -> ComposeSettings:
    """Returns the settings of composing that the options set.

    Raises:
        UsageError: A value is outside its bounds.
    """
    values = {name: getattr(args, name) for name in OPTIONS if getattr(args, name) is not None}
    try:
        for name, value in values.items():
            replace(COMPOSE_FIELDS[name], name=OPTIONS[name]).check(value)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    return ComposeSettings(**values)


def run(args: argparse.Namespace) -> int:
    """Runs the command; returns the exit status."""
    try:
        for name in filter(None, (args.out, args.chat)):
            check_text_output(name)
        page = read_text(args.canvas) if args.canvas else None
        conversation = _conversation(args).add_request(args.request, args.seed, page)
        settings = compose_settings(args)
        status = download_if_missing(settings.model)
        if status:
            return status
        chosen = _create_engine(settings)
        sent = conversation.condensed() if args.from_canvas else conversation
        task = ComposeRequest(sent, settings).build_task(chosen.system, chosen.notation)
        if chosen.note:
            print_message(chosen.note)
        if len(sent.turns) > 1:
            _warn_of_length(chosen, task)
        # Changes to a simplified copy of a canvas are merged only when the answer is complete.
        is_code = args.to == "code" and chosen.notation.writes_code
        streams = (is_code and sent.replacement_canvas is None) or args.out
        show = partial(print_result, end="") if streams else _print_nothing
        answer = _stream(chosen, task, show, with_thinking=args.verbose)
        if streams and answer.text:
            print_result("")
        turn = sent.finish(answer.text, chosen.notation, answer.thinking).turns[-1]
        reading = sent.read_answer(answer.text, chosen.notation) if answer.text else Reading(None)
        if args.chat and answer.text:
            finished = replace(
                conversation.turns[-1],
                answer=turn.answer,
                result=turn.result,
                thinking=turn.thinking,
            )
            chat = Conversation((*conversation.turns[:-1], finished))
            write_file(Path(args.chat), to_json(chat).encode())
        was_printed = bool(streams) and not turn.result
        return _finish(args, answer, turn.canvas, reading.diagnostics, streamed=was_printed)
    except (UsageError, ConversationError) as error:
        print_message(f"error: {error}")
        return USAGE_STATUS


def _print_nothing(text: str) -> None:
    """Ignores the text of an answer that is printed in another format when it is complete."""


def _conversation(args: argparse.Namespace) -> Conversation:
    if args.chat and Path(args.chat).exists():
        return from_json(read_text(args.chat))
    return Conversation()


def _warn_of_length(chosen: ChosenEngine, task: Task) -> None:
    tokens = chosen.engine.count(task.messages)
    if tokens is not None and chosen.context is not None and not fits(tokens, chosen.context):
        print_message(
            f"the chat has {tokens} tokens, and the model's context has {chosen.context}: the "
            "answer may be cut off; --from-canvas continues from the newest canvas alone"
        )


def _create_engine(settings: ComposeSettings) -> ChosenEngine:
    try:
        return create_engine(
            settings.model,
            key=os.environ.get(KEY, ""),
            server_model=settings.server_model,
            dialect=settings.dialect,
            adaptations=DATA_FOLDER / ADAPTATIONS_FILE,
        )
    except (UnusableError, ValueError) as error:
        raise UsageError(str(error)) from error


def _stream(
    chosen: ChosenEngine, task: Task, show: Callable[[str], None], *, with_thinking: bool
) -> CollectedAnswer:
    """Prints an answer while the model writes it. Ctrl-C ends the answer and keeps its text.

    Args:
        chosen: The engine.
        task: The conversation and the sampling settings.
        show: Prints a piece of the answer.
        with_thinking: Print the thinking too, instead of one line about it.
    """
    answer = CollectedAnswer()
    message = ""
    try:
        with closing(chosen.engine.stream(task, threading.Event())) as events:
            for event in events:
                answer.add(event)
                if isinstance(event, Text):
                    if with_thinking and answer.thinking and answer.pieces == 1:
                        print_message("")
                    show(event.text)
                elif isinstance(event, Thinking):
                    if with_thinking:
                        print(event.text, end="", file=sys.stderr, flush=True)
                    elif answer.thinking == event.text:
                        print_message(THINKING)
                elif isinstance(event, Progress):
                    if event.message != message and not answer.pieces and not answer.thinking:
                        print_message(event.message)
                    message = event.message
    except KeyboardInterrupt:
        answer.end = Done("cancelled", answer.pieces)
    return answer


def _finish(
    args: argparse.Namespace,
    collected: CollectedAnswer,
    canvas: Canvas | None,
    diagnostics: Iterable[Diagnostic],
    *,
    streamed: bool,
) -> int:
    """Prints or saves the canvas, or an answer without a canvas, and prints all remarks."""
    answer, end = collected.text, collected.end
    for diagnostic in diagnostics:
        is_prose = diagnostic.message in (NO_CODE, PLAIN_TEXT)
        print_message(PROSE if is_prose else str(diagnostic))
    if isinstance(end, Failed):
        print_message(f"error: {end.message}")
    else:
        thought = f"thought for {end.thinking_tokens} tokens" if end.thinking_tokens else ""
        for remark in filter(None, (EARLY_ENDS.get(end.reason, ""), thought, *end.remarks)):
            print_message(remark)
    output = _format(canvas, args.to) if canvas else answer
    if args.out and answer:
        write_file(Path(args.out), output.encode())
    elif not streamed and answer:
        print_result(output.rstrip("\n"))
    if isinstance(end, Done) and end.reason == "cancelled":
        return INTERRUPTED
    return 0 if canvas and isinstance(end, Done) else 1


def _format(canvas: Canvas, form: str) -> str:
    """Formats a canvas as code or JSON; code becomes JSON if it cannot express the canvas."""
    if form == "json":
        return formats.to_json(canvas, indent=2) + "\n"
    try:
        return formats.to_code(canvas)
    except formats.CanvasWriteError as error:
        print_message(f"the output is JSON because code cannot express this canvas: {error}")
        return formats.to_json(canvas, indent=2) + "\n"
