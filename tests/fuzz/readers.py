"""The readers of texts from outside: what each is called with, and what it may answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_omost import infotext
from lib_omost.canvas import formats
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.prompt_texts import normalise
from lib_omost.llm import process_messages
from lib_omost.llm.server.answer import parse_answer_event
from lib_omost.llm.server.errors import ServerError
from lib_omost.llm.server.sent_events import event_data
from lib_omost.renderer.webui_infotext import read_infotext
from lib_omost.settings import FIELDS, Settings, from_infotext
from lib_omost.text.bags import greedy_bags
from lib_omost.text.prefix_paths import PromptPath
from lib_omost.text.prompt_syntax import (
    PromptSyntaxError,
    check_syntax,
    escape_prompt_syntax,
    parse_emphasis,
    remove_extra_networks,
)
from lib_omost.text.sub_prompt import SubPrompt

EXAMPLES = Path(__file__).parents[2] / "examples"
ANSWERS = tuple(file.read_text(encoding="utf-8") for file in sorted(EXAMPLES.iterdir()))


@dataclass(frozen=True)
class Reader:
    """A reader, texts that it reads well, and the words that texts for it are made of."""

    read: Callable[[str], Any]
    examples: tuple[str, ...]
    words: tuple[str, ...]


def read_canvas(text: str) -> None:
    canvas = formats.read(text).canvas
    if canvas is None:
        return
    for write in (formats.to_json, formats.to_comfy):
        try:
            written = write(canvas)
        except CanvasWriteError:
            continue
        assert formats.read(written).canvas is not None


def read_parameters(text: str) -> None:
    parameters = read_infotext(text)
    for paste in infotext.PASTE.values():
        paste(parameters)


def read_settings(text: str) -> None:
    values = from_infotext(text)
    for name, value in values.items():
        Settings.from_mapping({name: value} if name != "start" else {name: value, "end": 1.0})


def read_event(text: str) -> None:
    try:
        process_messages.parse_event(process_messages.load(text))
    except process_messages.MessageError:
        return


def read_prompt(text: str) -> None:
    parse_emphasis(text)
    remove_extra_networks(text)
    escape_prompt_syntax(text)
    for sub_prompt in (SubPrompt(normalise(text), "webui"), SubPrompt(normalise(text))):
        try:
            check_syntax(sub_prompt)
        except PromptSyntaxError:
            continue
        greedy_bags(PromptPath((), (sub_prompt,)), lambda part: -(-len(part.text) // 4))


def read_stream(text: str) -> None:
    data = text.encode("utf-8", "replace")
    try:
        for event in event_data(data[start : start + 4096] for start in range(0, len(data), 4096)):
            parse_answer_event(event)
    except ServerError:
        return


_JSON = ("{", "}", "[", "]", ",", ":", '"', "\\", "\\u0", "9", "-", "1e999", "null", "true", '":')
_PIECE = json.dumps({"choices": [{"delta": {"content": "canvas"}, "finish_reason": None}]})
_SETTINGS = Settings(method="couple", end=0.8, start_from_colors=True).infotext() or ""

READERS: dict[str, Reader] = {
    "code": Reader(
        read_canvas,
        ANSWERS,
        ("canvas.add_local_description(", "canvas = Canvas()", "set_global_description(", "'''",
         '"""', "'", '"', "“", "’", "\\", "\n", "```", "~~~", "(", ")", "[", "]", "{", ",", "=",
         "#", ";", "description=", "location=", "'on the left'", "0x", "9", "f'{", "lambda: ",
         "not ", "\u200b", "\ufeff", " ", "\t", "+", "*", "-", "\0", "\ud800"),
    ),
    "json": Reader(
        read_canvas,
        tuple(
            write(canvas)
            for answer in ANSWERS
            if (canvas := formats.read(answer).canvas)
            for write in (formats.to_json, formats.to_comfy)
        ),
        (*_JSON, '"regions"', '"rect"', '"prefixes"', '"suffixes"', '"box"', '"extra"', "NaN",
         '"OmostLoadCanvasConditioningNode"', '"nodes"', "zlib:", "AAAA", "é"),
    ),
    "infotext": Reader(
        read_parameters,
        (f"a fox\nNegative prompt: a hare\nSteps: 20, Omost: {json.dumps(_SETTINGS)}, "
         'Omost canvas: "{\\"description\\": \\"A fox.\\"}", Seed: 1',),
        (*_JSON, "Steps: ", "Omost: ", "Omost canvas: ", "\n", "zlib:", ", ", "é"),
    ),
    "settings": Reader(
        read_settings, (_SETTINGS,), (*_JSON, *(f'"{name}": ' for name in FIELDS), "Infinity")
    ),
    "wire": Reader(
        read_event,
        tuple(
            process_messages.event_line(event)
            for event in (
                process_messages.Progress("loading"),
                process_messages.Text("canvas"),
                process_messages.Done("finished", 7),
            )
        ),
        (*_JSON, '"event"', '"Text"', '"Done"', '"remarks"', '"tokens"'),
    ),
    "prompt": Reader(
        read_prompt,
        ("(a fox:1.2), [hare], ((snow)) <lora:fur:0.8> [a:b:0.5] AND BREAK \\(c\\)",),
        ("(", ")", "[", "]", ":", "1.1", ".", "|", "\\", "<", ">", "a", "AND", "BREAK", " ", ", ",
         "lora:", "e5", "#", "\n", "-"),
    ),
    "stream": Reader(
        read_stream,
        (f"data: {_PIECE}\n\ndata: [DONE]\n\n", f": ping\r\n\r\nevent: a\rdata:{_PIECE}\r\r"),
        (*_JSON, "data: ", "error: ", "\n", "\r", "\n\n", ":", "\ufeff", '"choices"', '"code"'),
    ),
}  # fmt: skip
