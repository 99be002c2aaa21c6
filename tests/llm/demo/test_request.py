"""Known and unknown words and changes in requests for the demonstration composer."""

import random
import re

import pytest

from benchmarks.composer import held_out, is_alarm
from lib_omost.canvas.model import Box, Canvas, Place, Region
from lib_omost.llm.demo.request import NO_CANVAS, WORLD, understand
from training.canvases import canvas_of
from training.composer.edits import random_edit


def region(description, location="on the left"):
    place = Place(location, "no offset", "a small square area")
    return Region(place=place, description=description, color=(0, 0, 0))


def canvas(*descriptions):
    return of(*map(region, descriptions))


def of(*regions):
    return Canvas(description="on a black background.", color=(0, 0, 0), regions=regions)


SHAPES = canvas("a red circle.", "a blue star.", "a red house.", "a white house.")


def unknown(text):
    """Returns the words that a message quotes as unknown."""
    return re.findall("“([^”]+)”", text.partition(WORLD)[0])


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("a cat on a sofa", ["sofa"]),
        ("qwrt zxcv", ["qwrt", "zxcv"]),
        ("ein rotes Boot", ["ein", "rotes", "boot"]),
        ("ein roter Ball", ["ein", "roter"]),
        ("make it night", ["it", "night"]),
        ("swap the circle and the star", ["swap"]),
        ("delete everything", ["everything"]),
        ("an old sailor, and a lighthouse behind him", ["old", "sailor", "lighthouse", "him"]),
        (
            "a quiet harbour, a circle, dawn, mist, rain",
            ["quiet", "harbour", "dawn", "mist", "rain"],
        ),
    ],
)
def test_where_nothing_is_known_nothing_is_composed(request_, words):
    for before in (None, SHAPES):
        problem = understand(request_, before).problem
        assert unknown(problem) == words
        assert WORLD in problem
        assert problem.endswith("choose another language model, or a server.")


@pytest.mark.parametrize(
    ("request_", "told", "words"),
    [
        ("a red circle and a purple giraffe", "a red circle", ["giraffe"]),
        ("a giraffe left of a blue star", "a blue star", ["giraffe"]),
        ("a happy red circle", "a red circle", ["happy"]),
        ("a fish in a boat", "a fish and a boat", ["in"]),
        ("a black circle", "a circle", ["black"]),
        ("a blue circle on a red background", "a blue circle", ["red", "background"]),
        ("a circle between a star and a giraffe", "a circle and a star", ["giraffe"]),
        (
            "a circle, a giraffe and a star on a teal background",
            "a circle and a star on a teal background",
            ["giraffe"],
        ),
        (
            "a circle, a star, a moon, a tree and a boat",
            "a circle, a star, a moon, a tree",
            ["boat"],
        ),
    ],
)
def test_the_known_part_is_composed_and_the_rest_is_named(request_, told, words):
    understood = understand(request_)
    assert (understood.model_request, understood.problem) == (told, "")
    assert list(understood.unknown_words) == words
    assert unknown(understood.remarks[0]) == words


@pytest.mark.parametrize(
    "request_",
    [
        "a red circle",
        "Please draw me a red circle, thank you!",
        "a red circle, at the top",
        "three red balls",
        "can you draw a big star under a navy sky?",
    ],
)
def test_politeness_and_articles_are_no_alarm_and_the_request_stays_as_it_is(request_):
    understood = understand(request_)
    assert (understood.problem, understood.remarks) == ("", ())
    assert understood.model_request == request_


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ("2 red circles", "two red circles"),
        ("a house with a tree", "a house and a tree"),
        ("a star on a house", "a star on top of a house"),
        ("a star in the upper-left corner", "a star in the top left corner"),
    ],
)
def test_what_means_the_same_is_told_in_trained_words(request_, told):
    understood = understand(request_)
    assert (understood.model_request, understood.remarks) == (told, ())


def test_what_is_only_drawn_as_something_else_is_said():
    assert understand("a cat above a ball").remarks == (
        "The demonstration composer draws “cat” as a fish.",
    )
    assert understand("a cat").problem == ""


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ("remove the moon", "There is no moon in the canvas"),
        ("remove the green circle", "There is no green circle in the canvas"),
        ("make the house green", "more than one house in the canvas"),
        ("make the circle black", "does not know “black”"),
        ("make the background red", "the change “make the background red”"),
        ("add two trees", "the change “add two trees”"),
        ("I want the circle and the star swapped", "does not know “swapped”"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(request_, problem):
    assert problem in understand(request_, SHAPES).problem


def test_a_change_needs_a_canvas():
    assert understand("make the circle green").problem == NO_CANVAS
    assert understand("remove the circle").problem == NO_CANVAS


def test_of_two_changes_the_first_is_made():
    understood = understand("make the circle green and the star pink", SHAPES)
    assert understood.model_request == "make the circle green"
    assert understood.unknown_words == ("star", "pink")
    assert understood.is_edit


@pytest.mark.parametrize(
    ("request_", "edits", "placed"),
    [
        ("add a tree", True, False),
        ("add a tree on the left", True, True),
        ("a green moon", True, False),
        ("put a heart in the center", True, True),
        ("a boat left of a moon", False, False),
    ],
)
def test_it_is_known_whether_the_canvas_changes_and_a_place_is_said(request_, edits, placed):
    understood = understand(request_, SHAPES)
    assert (understood.is_edit, understood.has_location) == (edits, placed)


@pytest.mark.parametrize(
    ("strange", "number"),
    [
        (canvas("a red circle.", "A weathered fisherman mends a net."), 2),
        (canvas(*["a red circle."] * 7), 7),
        (of(Region(place=Box(0, 41, 0, 41), description="a red circle.", color=(0, 0, 0))), 1),
    ],
)
def test_a_canvas_that_it_would_spoil_is_left_alone(strange, number):
    problem = understand("add a tree", strange).problem
    assert f"would lose the content of region {number}" in problem


def test_no_request_and_no_change_of_its_world_is_called_unknown():
    rng = random.Random(0)
    for asked in held_out(300, most=4):
        assert not is_alarm(understand(asked.text)), asked.text
        edit = random_edit(asked.composition, rng)
        understood = understand(edit.text, canvas_of(asked.composition))
        assert not is_alarm(understood), edit.text
        assert understood.is_edit, edit.text
