"""A follow-up changes exactly the region that it names, regardless of the model's answer."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib_omost.canvas import formats
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.model import Box, Canvas, Place, Region
from lib_omost.compose.conversation import Conversation
from lib_omost.llm.demo.edit import move_place, recolor_region, replace_background, resize_place
from lib_omost.llm.demo.engine import DemoEngine
from lib_omost.llm.demo.notation import DEMO_NOTATION
from lib_omost.llm.demo.vocabulary import COLOR_WORDS, LOCATION_WORDS, OBJECT_WORDS
from lib_omost.llm.engine import Done, Failed, Task, Text
from tests.canvas import strategies

SHAPES = formats.read(
    (Path(__file__).parents[3] / "examples" / "shapes.txt").read_text("utf-8")
).canvas
assert SHAPES is not None
RED, TRIANGLE, SQUARE, WHITE = SHAPES.regions


def region(description, *details, place=None, color="gray", tags=""):
    return Region(
        place=place or Place("on the left", "no offset", "a medium-sized square area"),
        description=description,
        detailed_descriptions=details,
        tags=tags,
        color=color_names()[color],
    )


def of(*regions):
    return Canvas(description="A quiet picture.", color=(0, 0, 0), regions=regions)


class Whitens:
    """A model that turns every region into a white circle in the centre and adds one object."""

    def __init__(self, new="heart"):
        self.new = new

    def stream(self, task, cancel):
        *_, shown, _ = ["", *(message["content"] for message in task.messages)]
        before = formats.read(shown).canvas
        count = len(before.regions) if before is not None else 0
        spoilt = [region("a white circle.", place=Place(), color="white")] * count
        yield Text(DEMO_NOTATION.write(of(*spoilt, region(f"a white {self.new}.", color="white"))))
        yield Done("finished", 1)


def after(canvas, request, new="heart"):
    """Returns the canvas after a request, or the message of its refusal."""
    talk = Conversation().add_request(request, page=formats.to_text(canvas))
    told = talk.messages("", DEMO_NOTATION)
    events = list(DemoEngine(Whitens(new)).stream(Task(told, 4096), threading.Event()))
    if isinstance(events[-1], Failed):
        return events[-1].message
    text = "".join(event.text for event in events if isinstance(event, Text))
    return talk.finish(text, DEMO_NOTATION).turns[-1].canvas


BIGGER = Place("on the bottom-right", "no offset", "a medium-sized square area")


@pytest.mark.parametrize(
    ("request_", "old", "new"),
    [
        ("make the white circle bigger", WHITE, replace(WHITE, place=BIGGER)),
        ("enlarge the white circle, please", WHITE, replace(WHITE, place=BIGGER)),
        (
            "make the white circle green",
            WHITE,
            replace(WHITE, description="a green circle.", tags="green, circle", color=(0, 128, 0)),
        ),
        (
            "paint the red circle orange",
            RED,
            replace(
                RED, description="an orange circle.", tags="orange, circle", color=(255, 165, 0)
            ),
        ),
        (
            "the triangle should be in the center",
            TRIANGLE,
            replace(TRIANGLE, place=Place("in the center", "no offset", "a small square area")),
        ),
        (
            "put the square to the right",
            SQUARE,
            replace(SQUARE, place=Place("on the right", "no offset", "a small square area")),
        ),
        ("remove the red circle", RED, None),
        ("delete the triangle", TRIANGLE, None),
    ],
)
def test_the_named_region_changes_and_no_other(request_, old, new):
    expected = [new if region == old else region for region in SHAPES.regions]
    changed = after(SHAPES, request_)
    assert changed.regions == tuple(region for region in expected if region is not None)
    assert replace(changed, regions=()) == replace(SHAPES, regions=())


@pytest.mark.parametrize(
    ("canvas", "request_", "message"),
    [
        (SHAPES, "make the moon bigger", "There is no moon in the canvas"),
        (SHAPES, "make the blue circle bigger", "There is no blue circle in the canvas"),
        (SHAPES, "make the circle bigger", "more than one circle in the canvas: name the colour"),
        (SHAPES, "put the circle to the left", "more than one circle in the canvas: name the"),
        (of(RED, RED), "remove the red circle", "more than one red circle in the canvas, so the"),
        (SHAPES, "make the red circle smaller", "The red circle cannot be made smaller"),
        (of(region("a cat."), region("a blue fish.")), "remove the cat", "There is no cat in the"),
        (of(region("an old man.")), "make the tree green", "There is no tree in the canvas"),
        (of(region("A man holds a red ball.")), "remove the ball", "There is no ball in the"),
        (of(region("Ein roter Kreis.")), "make the circle green", "There is no circle in the"),
    ],
)
def test_what_means_no_region_or_several_is_refused(canvas, request_, message):
    assert message in after(canvas, request_)


def test_the_region_that_is_meant_is_found_among_more_than_the_composer_can_write():
    boats = [region(f"a {color} boat.", color=color) for color in ("red", "blue", "pink") * 3]
    disc = region("a green disc with a smile")
    changed = after(of(*boats, disc), "make the circle pink")
    assert changed.regions == (
        *boats,
        replace(disc, description="a pink disc with a smile", color=(255, 192, 203)),
    )
    assert "more than one red boat" in after(of(*boats, disc), "make the red boat pink")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A big red circle on a table.", "A big orange circle on a table."),
        ("a circle", "an orange circle"),
        ("Red circle, red all over", "Orange circle, orange all over"),
        ("the circle is red", "the circle is orange"),
        ("a dark red disc above a red boat", "an orange disc above a red boat"),
        ("a red circle on a red background", "an orange circle on a red background"),
        ("The old round circle, by a blue star", "The old round orange circle, by a blue star"),
    ],
)
def test_a_new_colour_is_said_of_the_object_alone(old, new):
    assert recolor_region(region(old), "circle", "orange").description == new


def test_details_and_tags_keep_all_but_the_former_colour():
    disc = region("a red disc.", "a thin black rim", "the disc is red", tags="red, disc, bold")
    changed = recolor_region(disc, "circle", "blue")
    assert changed.detailed_descriptions == ("a thin black rim", "the disc is blue")
    assert changed.tags == "blue, disc, bold"


def test_a_free_box_keeps_its_middle_or_its_size():
    disc = region("a red disc", place=Box(30, 60, 30, 60))
    grown = after(of(disc), "make the disc bigger").regions[0].box
    assert grown == Box(27.5, 62.5, 27.5, 62.5)
    place = after(of(disc), "move the disc to the top left corner").regions[0].box
    assert place == Box(0, 30, 0, 30)
    whole = replace(disc, place=Box(0, 90, 0, 90))
    assert "cannot be made bigger" in after(of(whole), "make the disc bigger")


@given(strategies.boxes, st.sampled_from(sorted(LOCATION_WORDS)))
@example(Box(0, 5e-324, 0, 5e-324), "on the right")
def test_every_box_can_be_resized_and_moved(box, location):
    for place in (
        resize_place(box, "bigger"),
        resize_place(box, "smaller"),
        move_place(box, location),
    ):
        assert isinstance(place, Box)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("on a navy background.", "on a black background."),
        ("on a background from navy to teal.", "on a black background."),
        ("Coloured shapes on a navy background.", "Coloured shapes on a black background."),
        ("A harbour at dawn.", "A harbour at dawn, on a black background."),
        ("", "on a black background."),
    ],
)
def test_a_new_background_leaves_the_other_words(old, new):
    canvas = replace(SHAPES, description=old)
    changed = replace_background(canvas, "black")
    assert (changed.description, changed.color, changed.tags) == (
        new,
        (0, 0, 0),
        "black background",
    )
    assert changed.regions == SHAPES.regions
    assert after(canvas, "make the background black") == changed


@pytest.mark.parametrize(
    ("request_", "description", "location"),
    [
        ("add a heart", "a white heart.", None),
        ("add a blue heart on the top", "a blue heart.", "on the top"),
        ("put a heart at the bottom", "a white heart.", "on the bottom"),
        ("put the heart on the top too", "a white heart.", "on the top"),
    ],
)
def test_a_new_thing_is_added_and_the_others_stay(request_, description, location):
    *others, new = after(SHAPES, request_).regions
    assert tuple(others) == SHAPES.regions
    assert new.description == description
    assert location is None or new.place.location == location


def test_a_thing_that_the_model_did_not_add_leaves_the_canvas_as_it_was():
    assert after(SHAPES, "add a boat", new="star") == SHAPES


def test_keep_only_keeps_the_region_as_it_is():
    sailor = region("An old sailor.")
    assert after(of(*SHAPES.regions, sailor), "keep only the triangle").regions == (TRIANGLE,)


def test_an_answer_that_does_as_asked_passes_as_the_model_wrote_it():
    right = DEMO_NOTATION.write(DEMO_NOTATION.simplify(after(SHAPES, "remove the triangle")).copy)

    class Obeys:
        def stream(self, task, cancel):
            yield Text(right + "\nThere it is.")
            yield Done("finished", 1)

    told = Conversation().add_request("remove the triangle", page=formats.to_text(SHAPES))
    events = DemoEngine(Obeys()).stream(
        Task(told.messages("", DEMO_NOTATION), 4096), threading.Event()
    )
    assert "".join(e.text for e in events if isinstance(e, Text)) == right + "\nThere it is."


colors = st.sampled_from(sorted(COLOR_WORDS))
things = st.sampled_from(sorted(OBJECT_WORDS))
locations = st.sampled_from(sorted(LOCATION_WORDS))
changes = st.one_of(
    st.builds(
        "make the {{0}} {}".format, st.one_of(colors, st.sampled_from(["bigger", "smaller"]))
    ),
    st.builds(lambda name: f"move the {{0}} {LOCATION_WORDS[name][0]}", locations),
    st.just("remove the {0}"),
)


@settings(max_examples=60, deadline=None)
@given(strategies.code_canvases, colors, things, changes, st.data())
def test_a_change_of_one_region_leaves_all_others_bit_equal(canvas, color, thing, change, data):
    number = data.draw(st.integers(0, len(canvas.regions)))
    place = data.draw(strategies.places)
    own = region(f"a {color} {thing}.", "a thin rim", place=place, color=color)
    others = canvas.regions
    before = replace(canvas, regions=(*others[:number], own, *others[number:]))
    changed = after(before, change.format(f"{color} {thing}"))
    if isinstance(changed, str):
        assert "cannot be made" in changed
        return
    assert replace(changed, regions=()) == replace(before, regions=())
    if change.startswith("remove"):
        assert changed.regions == others
        return
    assert (*changed.regions[:number], *changed.regions[number + 1 :]) == others
    assert changed.regions[number].detailed_descriptions == ("a thin rim",)
