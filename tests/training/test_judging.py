from dataclasses import replace

from training.canvases import Composition, arranged, canvas_of
from training.composer.judging import judge, same
from training.composer.requests import Request, related
from training.scenes import Background

NAVY = Background("plain", ("navy",))
RED, BLUE = ("red", "circle"), ("blue", "star")


def request(relation: str, open_colors: frozenset[int] = frozenset()) -> Request:
    return Request("", Composition(NAVY, related(relation, RED, BLUE)), relation, open_colors)


def test_the_expected_canvas_is_right_in_any_order() -> None:
    canvas = canvas_of(request("left of").composition)
    assert judge(request("left of"), canvas).all
    assert judge(request("left of"), replace(canvas, regions=canvas.regions[::-1])).all


def test_a_swapped_relation_is_wrong() -> None:
    for relation, opposite in (("left of", "right of"), ("above", "below")):
        verdict = judge(request(relation), canvas_of(request(opposite).composition))
        assert (verdict.objects, verdict.colors, verdict.places) == (True, True, False)


def test_the_wrong_thing_in_front_is_wrong() -> None:
    assert judge(request("in front of"), canvas_of(request("in front of").composition)).all
    assert not judge(request("in front of"), canvas_of(request("behind").composition)).places


def test_a_wrong_colour_is_wrong_unless_none_was_said() -> None:
    objects = related("above", ("green", "circle"), BLUE)
    canvas = canvas_of(Composition(NAVY, objects))
    assert not judge(request("above"), canvas).colors
    assert judge(request("above", frozenset({0})), canvas).all


def test_missing_and_further_objects_are_wrong() -> None:
    one = canvas_of(Composition(NAVY, arranged([RED])))
    three = canvas_of(Composition(NAVY, arranged([RED, BLUE, BLUE])))
    assert not judge(request("left of"), one).objects
    assert not judge(request("left of"), three).objects


def test_an_edit_is_right_to_the_letter_alone() -> None:
    pair = Composition(NAVY, arranged([RED, BLUE]))
    canvas = canvas_of(pair)
    assert same(pair, replace(canvas, regions=canvas.regions[::-1]))
    assert not same(pair, replace(canvas, regions=canvas.regions[:1]))
    assert not same(replace(pair, background=Background("plain", ("teal",))), canvas)
    assert not same(Composition(NAVY, arranged([RED, RED])), canvas)
