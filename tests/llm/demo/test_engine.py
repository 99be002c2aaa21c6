"""The demonstration composer as an engine: refused requests, partly known requests, free space."""

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.code_reader import write_code
from lib_omost.llm.demo.engine import DemoEngine
from lib_omost.llm.engine import Done, Failed, Text
from tests.llm.asking import stream, task, text_of
from training.canvases import Composition, arranged
from training.composer.conversations import assistant
from training.scenes import Background

GROUND = Background("plain", ("navy",))


def composition(*kinds):
    return Composition(GROUND, arranged(kinds))


def answer_of(*objects):
    return assistant(Composition(GROUND, objects))["content"]


class Writes:
    """An engine that streams one text in pieces and records the messages of each task."""

    def __init__(self, text, end=None):
        self.text = text
        self.end = end or Done("finished", 5)
        self.asked = []
        self.closed = False

    def stream(self, task, cancel):
        self.asked.append([dict(message) for message in task.messages])
        try:
            for start in range(0, len(self.text), 50):
                yield Text(self.text[start : start + 50])
            yield self.end
        finally:
            self.closed = True

    def count(self, messages):
        return len(messages)

    def unload(self):
        self.text = ""


CIRCLE = answer_of(*composition(("red", "circle")).objects)


def test_a_request_of_which_nothing_is_known_never_reaches_the_model():
    inner = Writes(CIRCLE)
    (end,) = stream(DemoEngine(inner), task("a cat on a sofa"))
    assert isinstance(end, Failed)
    assert "“sofa”" in end.message
    assert end.refused
    assert inner.asked == []


def test_the_model_is_told_the_known_part_and_the_end_says_what_was_left_out():
    inner = Writes(CIRCLE)
    *events, end = stream(DemoEngine(inner), task("a red circle and a purple giraffe"))
    assert text_of(events) == CIRCLE
    assert inner.asked == [[{"role": "user", "content": "a red circle"}]]
    assert (end.reason, end.tokens) == ("finished", 5)
    assert "“giraffe”" in end.remarks[0]


def test_a_change_is_told_with_the_canvas_and_a_new_picture_without():
    inner = Writes(CIRCLE)
    engine = DemoEngine(inner)
    list(stream(engine, task("a red circle", CIRCLE, "make the circle green")))
    list(stream(engine, task("a red circle", CIRCLE, "a boat left of a moon")))
    assert [[m["role"] for m in asked] for asked in inner.asked] == [
        ["assistant", "user"],
        ["user"],
    ]


OVER = composition(("red", "circle")).objects[0]


@pytest.mark.parametrize("sketched", [True, False])
def test_a_new_region_without_a_place_gets_room(sketched):
    objects = (OVER, type(OVER)("green", "tree", OVER.place))
    text = answer_of(*objects)
    if not sketched:
        text = f"```python\n{write_code(formats.read(text).canvas)}```"
    *events, end = stream(DemoEngine(Writes(text)), task("a red circle", CIRCLE, "add a tree"))
    written = text_of(events)
    first, tree = formats.read(written).canvas.regions
    assert first.place == OVER.place
    assert tree.place != OVER.place
    place = tree.place
    if sketched:
        assert f"# tree green {place.location} {place.offset} {place.area} 1.0" in written
    assert isinstance(end, Done)


def test_a_place_that_was_asked_for_is_kept():
    text = answer_of(OVER, type(OVER)("green", "tree", OVER.place))
    asked = task("a red circle", CIRCLE, "add a tree in the center")
    assert text_of(stream(DemoEngine(Writes(text)), asked)) == text


def test_objects_that_the_model_forgot_are_named():
    *_, end = stream(DemoEngine(Writes(CIRCLE)), task("two red circles and a boat"))
    assert end.remarks[0].startswith("The canvas is incomplete: it lacks a circle and a boat.")
    *_, end = stream(DemoEngine(Writes(CIRCLE)), task("a red circle"))
    assert end.remarks == ()
    *_, end = stream(DemoEngine(Writes("")), task("a red circle", CIRCLE, "add a boat"))
    assert end.remarks == ()  # who reads the answer says that it holds no canvas


@pytest.mark.parametrize(
    ("change", "missing"),
    [("add a tree on the left", "a tree"), ("keep only the circle", ""), ("remove the circle", "")],
)
def test_after_a_change_too(change, missing):
    *_, end = stream(DemoEngine(Writes(CIRCLE)), task("a red circle", CIRCLE, change))
    assert ("it lacks " + missing in "".join(end.remarks)) == bool(missing)


def test_a_failure_passes_and_closing_ends_the_model():
    inner = Writes(CIRCLE, Failed("out of memory"))
    *_, end = stream(DemoEngine(inner), task("a red circle"))
    assert end == Failed("out of memory")
    inner.closed = False
    events = stream(DemoEngine(inner), task("a red circle"))
    next(events)
    events.close()
    assert inner.closed
    assert DemoEngine(inner).count([{}, {}]) == 2
