"""A composer that writes what a test says, and remembers what happened to it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from lib_omost.compose.model_setup import MissingParts
from lib_omost.compose.model_state import ModelState
from lib_omost.llm.answer_events import ONLY_THINKING
from lib_omost.llm.engine import Done, Failed, Progress, Text, Thinking
from lib_omost.llm.model_notation import CODE
from lib_omost.llm.server.discovery import LocalServer

GLOBAL = """\
canvas = Canvas()
canvas.set_global_description(
    description='A quiet harbour.', detailed_descriptions=[], tags='harbour',
    HTML_web_color_name='lightsteelblue')
"""
REGION = """\
canvas.add_local_description(
    location='on the {side}', offset='no offset', area='a medium-sized square area',
    distance_to_viewer={distance}, description='{what}.', detailed_descriptions=[],
    tags='{what}', atmosphere='calm', style='photographic', quality_meta='sharp',
    HTML_web_color_name='firebrick')
"""


LACKING = "without an environment"
"""A request with these words fails until the environment is made."""

WAIT = "and wait"
"""A request with these words is answered by two thirds until the answer is to go on."""


THINK = "after thinking"
"""A request with these words is answered after some thinking that waits in its middle."""

THINK_TOO_LONG = "after long thinking"
"""A request with these words needs no thinking or more tokens than the default."""

THOUGHTS = "A <b>boat</b>?\n\n# Or two *boats*?"
"""Thinking with marks that a page may not interpret."""


REPORT = "- Omost: 0.1.0\n- Host: a page of the tests\n"
"""The text of the panel About."""


def code(*things):
    """Canvas code with one region for each thing."""
    sides = ["left", "right", "top", "bottom"]
    regions = (
        REGION.format(side=sides[number % 4], distance=number + 1, what=thing)
        for number, thing in enumerate(things)
    )
    return GLOBAL + "".join(regions)


class ScriptedEnvironment:
    """An environment that is made of three lines."""

    def __init__(self):
        self.ready = False
        self.failing = False

    def plan(self):
        return "This downloads transformers, about 60 MB."

    def build(self, cancel):
        yield Progress("Installing its packages")
        for line in ("Collecting transformers\n", "Installing\n"):
            yield Text(line)
            if cancel.wait(0.05):
                yield Done("cancelled", 0)
                return
        if self.failing:
            yield Failed("The disk is full: free some space and try again.")
            return
        self.ready = True
        yield Done("finished", 0)


class ScriptedSetup:
    """Downloads a model that a composer lacks, in three steps."""

    def __init__(self, composing):
        self._composing = composing

    def missing(self, order):
        model = order.settings.model
        if self._composing.is_restricted or not (
            model in self._composing.lacking or self._composing.needs_environment
        ):
            return None
        return MissingParts(model, "Apache-2.0", 60, 1117, 1300, 34_000, Path("/data/omost"))

    def run(self, order, cancel):
        environment = self._composing.own_environment
        for event in environment.build(cancel):
            if isinstance(event, Done) and event.reason == "finished":
                break
            yield event
            if isinstance(event, (Done, Failed)):
                return
        for megabytes in (0, 500, 1117):
            message = f"Downloading {order.settings.model}: {megabytes} of 1,117 MB"
            yield Progress(message, megabytes / 1117)
            if cancel.wait(self._composing.pause):
                yield Done("cancelled", 0)
                return
        self._composing.lacking.discard(order.settings.model)
        self._composing.needs_environment = False
        yield Done("finished", 0)


class ScriptedComposing:
    """Stands for composing.Composing.

    answers: texts, or lists of events, in the order of the requests; the last one stays. pause:
    seconds between two pieces of a text. go_on: set to have an answer go on that waits. orders,
    keys: what came; open: the answers being written.
    """

    def __init__(self, *answers, pause=0.0, context=8192, per_character=0.25):
        self.answers = list(answers)
        self.pause = pause
        self.context = context
        self.per_character = per_character
        self.orders = []
        self.keys = []
        self.open = 0
        self.closed = threading.Event()
        self.go_on = threading.Event()
        self.is_restricted = False
        self.needs_environment = False
        self.own_environment = ScriptedEnvironment()
        self.lacking = set()

    def stream(self, order, cancel, *, remote):
        assert remote
        self.orders.append(order)
        lacks = LACKING in order.conversation.turns[-1].request
        self.needs_environment = lacks and not self.own_environment.ready
        if self.setup().missing(order):
            yield Failed("The model runs in a Python environment of its own.")
            return
        if THINK_TOO_LONG in order.conversation.turns[-1].request:
            settings = order.settings
            if settings.thinking != "off" and settings.max_new_tokens == 4096:
                yield Thinking(THOUGHTS)
                yield ONLY_THINKING
                return
        self.open += 1
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        try:
            if not isinstance(answer, str):
                yield from answer
                return
            yield Progress("Loading", 0.5)
            if THINK in order.conversation.turns[-1].request:
                yield Thinking(THOUGHTS)
                yield from self._wait(cancel)
                for _ in range(5):
                    yield Thinking(" More.")
                    time.sleep(self.pause)
            pieces = [answer[start : start + 40] for start in range(0, len(answer), 40)]
            waits = WAIT in order.conversation.turns[-1].request
            for number, piece in enumerate(pieces):
                if waits and number == 2 * len(pieces) // 3:
                    yield from self._wait(cancel)
                if cancel.is_set():
                    yield Done("cancelled", number)
                    return
                yield Text(piece)
                time.sleep(self.pause)
            thinking_tokens = 6 if THINK in order.conversation.turns[-1].request else 0
            yield Done("finished", len(pieces), thinking_tokens=thinking_tokens)
        finally:
            self.open -= 1
            self.closed.set()

    def _wait(self, cancel):
        # A stream yields at least once a second; only then can it be closed.
        while not (cancel.is_set() or self.go_on.wait(0.5)):
            yield Text("")
        self.go_on.clear()

    def count(self, order):
        texts = [message["content"] for message in order.conversation.messages("")]
        return round(len("".join(texts)) * self.per_character), self.context

    def notation(self, order):
        return CODE

    def note(self, order):
        return "" if order.settings.model != "composer" else "knows shapes only"

    def setup(self):
        return ScriptedSetup(self)

    def state(self, model):
        return ModelState("in use" if self.open else "ready")

    def local_servers(self):
        return [LocalServer("Ollama", "127.0.0.1:11434")]

    def server_models(self, address):
        if not address.startswith("http"):
            raise ValueError("A server's address begins with http:// or https://.")
        return ["llama3", "phi3"]

    def set_key(self, key, address=""):
        self.keys.append(key)

    def has_key(self):
        return bool(self.keys) and bool(self.keys[-1])

    def restricted(self):
        return self.is_restricted

    def environment(self, model):
        return self.own_environment

    def unload(self):
        pass
