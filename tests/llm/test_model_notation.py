"""Canvases of any origin, simplified for each kind of model and changed by its answer."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.model import Box, Canvas, Place, Region
from lib_omost.compose.conversation import Conversation
from lib_omost.llm.demo.notation import DEMO_NOTATION
from lib_omost.llm.engine import Task
from lib_omost.llm.engine_factory import create_engine
from lib_omost.llm.model_notation import CODE, JSON, NARROW_CODE
from lib_omost.llm.system_prompt import EXAMPLE
from tests.llm.asking import answer
from training.canvases import canvas_of
from training.composer.conversations import assistant
from training.composer.requests import random_request

EXAMPLES = Path(__file__).parents[2] / "examples"
SHAPES = formats.read((EXAMPLES / "shapes.txt").read_text("utf-8")).canvas
HARBOUR = formats.read((EXAMPLES / "harbour.txt").read_text("utf-8")).canvas
assert SHAPES is not None
assert HARBOUR is not None

NOTATIONS = [CODE, NARROW_CODE, JSON, DEMO_NOTATION]

FREE = Region(
    description="A (very) old boat.",
    place=Box(3, 31, 7, 52),
    color=(18, 171, 52),
    syntax="webui",
    extra={"note": "mine"},
)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("canvas", [SHAPES, HARBOUR, EXAMPLE, Canvas(description="")])
def test_a_simplified_canvas_survives_a_round_trip(notation, canvas) -> None:
    copy = notation.simplify(canvas).copy
    assert formats.read(notation.write(copy)).canvas == copy
    assert notation.simplify(copy).copy == copy


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_model_that_changes_nothing_changes_nothing(notation) -> None:
    canvas = replace(HARBOUR, regions=(FREE, *HARBOUR.regions), color=(1, 2, 3))
    shown = notation.simplify(canvas)
    assert shown.merge_changes(shown.copy) == canvas


@pytest.mark.parametrize("notation", NOTATIONS)
def test_models_do_not_see_hidden_regions_and_leave_them_in_place(notation) -> None:
    first, *others = SHAPES.regions
    canvas = replace(SHAPES, regions=(replace(first, hidden=True), *others))
    shown = notation.simplify(canvas)
    assert shown.copy == notation.simplify(replace(SHAPES, regions=tuple(others))).copy
    assert shown.merge_changes(shown.copy) == canvas


@pytest.mark.parametrize("notation", NOTATIONS)
def test_inexpressible_regions_stay_as_they_are(notation) -> None:
    canvas = replace(SHAPES, regions=(*SHAPES.regions, FREE))
    shown = notation.simplify(canvas)
    circle, *others = shown.copy.regions
    answered = replace(
        shown.copy, regions=(replace(circle, description="a purple circle."), *others)
    )
    expected = (replace(SHAPES.regions[0], description="a purple circle."), *canvas.regions[1:])
    assert shown.merge_changes(answered).regions == expected


def test_a_moved_or_resized_region_keeps_its_other_fields() -> None:
    boat = replace(FREE, place=Place("on the left", "slightly to the upper", "a small square area"))
    shown = CODE.simplify(replace(SHAPES, regions=(boat,)))
    (copy,) = shown.copy.regions
    moved = replace(copy, place=replace(copy.place, location="on the top", offset="no offset"))
    (region,) = shown.merge_changes(replace(shown.copy, regions=(moved,))).regions
    assert region == replace(boat, place=Place("on the top", "no offset", "a small square area"))
    larger = replace(copy, place=replace(copy.place, area="a large square area"))
    (region,) = shown.merge_changes(replace(shown.copy, regions=(larger,))).regions
    assert region == replace(boat, place=replace(boat.place, area="a large square area"))


def test_a_free_box_grows_around_its_middle() -> None:
    shown = CODE.simplify(replace(SHAPES, regions=(replace(FREE, place=Box(30, 60, 30, 60)),)))
    (copy,) = shown.copy.regions
    larger = replace(copy, place=replace(copy.place, area="a large square area"))
    (region,) = shown.merge_changes(replace(shown.copy, regions=(larger,))).regions
    assert region.place == Box(24, 66, 24, 66)


def test_a_word_changes_where_it_was_changed_and_nowhere_else() -> None:
    said = "A red boat (old) on a Sea"
    shown = NARROW_CODE.simplify(replace(SHAPES, regions=(replace(FREE, description=said),)))
    (copy,) = shown.copy.regions
    assert copy.description == "A red boat old on a Sea."
    painted = replace(copy, description="An orange boat old on a Sea.")
    (region,) = shown.merge_changes(replace(shown.copy, regions=(painted,))).regions
    assert region.description == "An orange boat (old) on a Sea"


def test_of_many_regions_the_model_sees_those_in_the_request() -> None:
    things = [replace(FREE, description=f"a thing called {name}") for name in "abcdefghij"]
    gull = replace(FREE, description="a white gull")
    canvas = replace(SHAPES, regions=(*things, gull))
    shown = JSON.simplify(canvas, "make the gull black")
    assert len(shown.copy.regions) == JSON.max_regions
    assert shown.copy.regions[-1].description == "a white gull"
    assert len(shown.merge_changes(shown.copy).regions) == 11


def test_the_form_of_the_composer_equals_its_training_data() -> None:
    rng = random.Random(0)
    for _ in range(50):
        composition = random_request(rng).composition
        canvas = canvas_of(composition)
        assert DEMO_NOTATION.write(canvas) == assistant(composition)["content"]


def composed(conversation: Conversation) -> Canvas:
    """Lets the demonstration composer answer a conversation."""
    choice = create_engine()
    task = Task(conversation.messages(choice.system, choice.notation), 4096, canvas_only=True)
    canvas = conversation.finish(answer(choice.engine, task), choice.notation).turns[-1].canvas
    assert canvas is not None
    return canvas


def test_the_one_that_ships_changes_a_dragged_canvas_where_it_is() -> None:
    asked = Conversation().add_request("a red circle left of a blue star")
    choice = create_engine()
    task = Task(asked.messages(choice.system, choice.notation), 4096, canvas_only=True)
    talk = asked.finish(answer(choice.engine, task), choice.notation)
    assert talk.canvas is not None
    circle, star = talk.canvas.regions
    for place in (replace(circle.place, location="on the top"), Box(2, 40, 20, 63)):
        dragged = replace(talk.canvas, regions=(replace(circle, place=place), star))
        changed = composed(talk.add_request("make the circle green", page=formats.to_text(dragged)))
        assert [region.place for region in changed.regions] == [place, star.place]
        assert [region.description for region in changed.regions] == [
            "a green circle.",
            "a blue star.",
        ]


def test_the_one_that_ships_changes_a_pasted_canvas_and_nothing_else_of_it() -> None:
    page = (EXAMPLES / "shapes.txt").read_text("utf-8")
    changed = composed(Conversation().add_request("make the red circle purple", page=page))
    circle, *others = changed.regions
    assert (circle.description, circle.place) == ("a purple circle.", SHAPES.regions[0].place)
    assert tuple(others) == SHAPES.regions[1:]
    assert replace(changed, regions=()) == replace(SHAPES, regions=())


def test_the_one_that_ships_changes_the_circle_that_is_named() -> None:
    page = (EXAMPLES / "shapes.txt").read_text("utf-8")
    changed = composed(Conversation().add_request("make the white circle bigger", page=page))
    *others, circle = changed.regions
    assert tuple(others) == SHAPES.regions[:3]
    place = Place("on the bottom-right", "no offset", "a medium-sized square area")
    assert circle == replace(SHAPES.regions[3], place=place)


def test_the_one_that_ships_leaves_what_it_does_not_know() -> None:
    changed = composed(
        Conversation().add_request("add a red circle", page=formats.to_text(HARBOUR))
    )
    assert changed.regions[: len(HARBOUR.regions)] == HARBOUR.regions
    assert "red circle" in changed.regions[-1].description
