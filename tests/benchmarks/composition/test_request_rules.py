"""Each rule holds on a canvas that a person would accept and fails on one that nobody would."""

from typing import Any

import pytest

from benchmarks.composition.request_rules import judge
from benchmarks.composition.requests import load_requests, load_unseen_requests, request_of
from lib_omost.canvas.colors import color_names
from lib_omost.canvas.model import Box, Canvas, Region

LEFT, MIDDLE, RIGHT = Box(30, 70, 0, 30), Box(30, 70, 30, 60), Box(30, 70, 60, 90)
TOP, BOTTOM = Box(0, 40, 30, 60), Box(50, 90, 30, 60)
WHOLE, WIDE = Box(0, 90, 0, 90), Box(40, 90, 0, 90)
CAT_AND_DOG = {"cat": ["cat", "kitten"], "dog": ["dog"]}


def region(description: str, box: Box, color: str = "gray", distance: float = 3.0) -> Region:
    return Region(
        description=description,
        place=box,
        color=color_names()[color],
        distance_to_viewer=distance,
    )


def canvas(*regions: Region, description: str = "A picture.") -> Canvas:
    return Canvas(description=description, regions=regions)


def problems(
    picture: Canvas | None, text: str = "", words: list[str] | None = None, **record: Any
) -> dict[str, str]:
    """Returns the rules that fail, with their sentences."""
    things = record.pop("things", CAT_AND_DOG)
    request = request_of("r", {"kind": "k", "request": text, "things": things, **record})
    return {rule: found for rule, found in judge(picture, request, words or []).items() if found}


CAT, DOG = region("A cat.", LEFT), region("A dog.", RIGHT)


def test_no_canvas_and_no_region_are_unreadable() -> None:
    assert problems(None) == {"readable": "no canvas"}
    assert problems(canvas()) == {"readable": "no region"}


def test_each_thing_has_a_region_or_is_in_the_global_description() -> None:
    assert not problems(canvas(CAT, DOG))
    assert not problems(canvas(CAT, description="A kitten and two dogs."))
    assert problems(canvas(CAT)) == {"things": "missing: dog"}


@pytest.mark.parametrize(
    "regions",
    [
        [region("Three apples.", LEFT)],
        [region("An apple.", LEFT), region("An apple.", MIDDLE), region("An apple.", RIGHT)],
        [region("Two apples.", LEFT), region("A red apple.", RIGHT)],
        [region("A bowl with three apples.", LEFT)],
    ],
)
def test_three_apples(regions: list[Region]) -> None:
    things = {"apple": ["apple"], "bowl": ["bowl"]}
    picture = canvas(*regions, description="A bowl.")
    assert not problems(picture, things=things, counts={"apple": 3})


@pytest.mark.parametrize(
    "regions",
    [
        [region("Apples.", LEFT)],
        [region("An apple.", LEFT), region("An apple.", RIGHT)],
        [region("Three apples.", LEFT), region("An apple.", RIGHT)],
        [region("A pear.", LEFT)],
    ],
)
def test_not_three_apples(regions: list[Region]) -> None:
    found = problems(
        canvas(*regions, description="Three apples."),
        things={"apple": ["apple"]},
        counts={"apple": 3},
    )
    assert list(found) == ["counts"]


def test_sides() -> None:
    sides = {"cat": "left", "dog": "right"}
    assert not problems(canvas(CAT, DOG), sides=sides)
    assert problems(canvas(region("A cat.", MIDDLE), DOG), sides=sides) == {
        "sides": "cat is not left"
    }
    assert problems(canvas(CAT, description="A dog on the right."), sides=sides) == {
        "sides": "dog has no region"
    }
    assert problems(canvas(CAT, DOG), sides={"cat": "top left"}) == {"sides": "cat is not top left"}


def test_the_description_says_which_thing_a_region_shows() -> None:
    cat = region("A cat that looks at the dog.", LEFT)
    assert not problems(canvas(cat, DOG), relations=["cat left of dog"])
    assert problems(canvas(cat, DOG), relations=["dog left of cat"])


@pytest.mark.parametrize(
    ("relation", "first", "second"),
    [
        ("cat left of dog", LEFT, RIGHT),
        ("cat right of dog", RIGHT, LEFT),
        ("cat above dog", TOP, BOTTOM),
        ("cat below dog", BOTTOM, TOP),
        ("cat under dog", BOTTOM, TOP),
        ("cat on dog", TOP, Box(38, 80, 20, 70)),
        ("cat in dog", Box(40, 60, 35, 55), Box(20, 80, 20, 70)),
    ],
)
def test_relations_hold_in_the_boxes(relation: str, first: Box, second: Box) -> None:
    cat, dog = region("A cat.", first, distance=1), region("A dog.", second)
    assert not problems(canvas(cat, dog), relations=[relation])
    cat, dog = region("A cat.", second, distance=1), region("A dog.", first)
    if relation != "cat in dog":
        assert list(problems(canvas(cat, dog), relations=[relation])) == ["sides"]


def test_in_fails_beside_the_other_thing() -> None:
    assert problems(canvas(CAT, DOG), relations=["cat in dog"]) == {"sides": "cat is not in dog"}


def test_on_and_in_hold_within_one_description_or_a_global_scene() -> None:
    things = {"apple": ["apple"], "bowl": ["bowl"], "kitchen": ["kitchen"]}
    one = canvas(region("An apple in a bowl.", LEFT), description="A kitchen.")
    assert not problems(one, things=things, relations=["apple in bowl", "bowl in kitchen"])
    apart = canvas(region("An apple.", LEFT), region("A bowl.", RIGHT), description="A kitchen.")
    assert problems(apart, things=things, relations=["apple in bowl"])


def test_between() -> None:
    things = {"ball": ["ball"], **CAT_AND_DOG}
    ball = region("A ball.", MIDDLE)
    relations = ["ball between cat and dog"]
    assert not problems(canvas(CAT, ball, DOG), things=things, relations=relations)
    aside = canvas(region("A cat.", MIDDLE), region("A ball.", LEFT), DOG)
    assert list(problems(aside, things=things, relations=relations)) == ["sides"]


def test_between_two_of_a_kind_needs_two_regions() -> None:
    things = {"ball": ["ball"], "cat": ["cat"]}
    ball = region("A ball.", MIDDLE)
    two = canvas(CAT, ball, region("A cat.", RIGHT))
    assert not problems(two, things=things, relations=["ball between cat"])
    one = canvas(region("Two cats.", LEFT), ball)
    assert list(problems(one, things=things, relations=["ball between cat"])) == ["sides"]


def test_behind_needs_the_larger_distance() -> None:
    near, far = region("A cat.", LEFT, distance=2), region("A dog.", RIGHT, distance=5)
    assert not problems(canvas(near, far), relations=["dog behind cat"])
    assert not problems(canvas(near, far), relations=["cat in front of dog"])
    assert list(problems(canvas(near, far), relations=["cat behind dog"])) == ["depth"]
    assert not problems(canvas(CAT, description="A dog."), relations=["dog behind cat"])
    assert list(problems(canvas(CAT, description="A dog."), relations=["cat behind dog"])) == [
        "depth"
    ]


@pytest.mark.parametrize(
    "cat",
    [
        region("A red cat.", LEFT, "red"),
        region("A red cat.", LEFT, "gray"),
        region("A cat.", LEFT, "firebrick"),
        region("A cat with a collar. Its fur is red.", LEFT, "red"),
    ],
)
def test_a_red_cat(cat: Region) -> None:
    assert not problems(canvas(cat, DOG), colors={"cat": "red"})


@pytest.mark.parametrize(
    "cat",
    [
        region("A blue cat.", LEFT, "red"),
        region("A red cat.", LEFT, "blue"),
        region("A cat.", LEFT, "gray"),
        region("A cat beside a red dog.", LEFT, "gray"),
    ],
)
def test_not_a_red_cat(cat: Region) -> None:
    assert list(problems(canvas(cat, DOG), colors={"cat": "red"})) == ["colors"]


def test_a_part_of_a_thing_has_its_color_in_the_text() -> None:
    things = {"woman": ["woman"], "scarf": ["scarf"]}
    right = canvas(region("An old woman with a red scarf.", MIDDLE, "gray"))
    assert not problems(right, things=things, colors={"scarf": "red"})
    wrong = canvas(region("An old woman with a blue scarf.", MIDDLE, "red"))
    assert list(problems(wrong, things=things, colors={"scarf": "red"})) == ["colors"]


def test_a_palette() -> None:
    red = canvas(region("A cat.", LEFT, "red"), DOG)
    assert not problems(red, palette={"red": "left"})
    assert problems(red, palette={"red": "right"}) == {"colors": "nothing right is red"}
    assert problems(canvas(CAT, DOG), palette={"red": "left"}) == {"colors": "nothing left is red"}


def test_written_words() -> None:
    things = {"sign": ["sign"]}
    sign = region("A sign with the word 'OPEN'.", MIDDLE)
    assert not problems(canvas(sign), things=things, texts={"sign": "open"})
    blank = canvas(region("A sign.", MIDDLE), description="An open shop.")
    assert problems(blank, things=things, texts={"sign": "open"}) == {
        "texts": "sign does not say open"
    }


def test_nothing_else() -> None:
    backdrop = region("A plain white background.", WHOLE, distance=9)
    assert not problems(canvas(backdrop, CAT, DOG), only=True)
    tree = region("A tree.", MIDDLE)
    assert problems(canvas(tree, CAT, DOG), only=True) == {"nothing else": "not requested: A tree."}
    assert not problems(canvas(tree, CAT, DOG))


def test_a_region_is_not_hidden_by_a_nearer_one() -> None:
    dog = region("A dog.", Box(30, 70, 5, 45), distance=1)
    assert problems(canvas(CAT, dog)) == {"hidden": "hidden: A cat."}
    touching = region("A dog.", Box(30, 70, 25, 60), distance=1)  # 5 of 30 columns
    assert not problems(canvas(CAT, touching))


def test_several_regions_hide_together() -> None:
    one, two = (
        region("A dog.", Box(30, 35, 0, 30), distance=1),
        region("A dog.", Box(65, 70, 0, 30), distance=1),
    )
    assert list(problems(canvas(CAT, one, two))) == ["hidden"]


def test_a_thing_may_be_hidden_by_what_is_asked_to_be_in_front_but_not_entirely() -> None:
    dog = region("A dog.", Box(40, 70, 0, 30), distance=1)
    assert not problems(canvas(CAT, dog), relations=["dog in front of cat"])
    assert problems(canvas(CAT, region("A dog.", LEFT, distance=1)), relations=["dog on cat"]) == {
        "hidden": "hidden: A cat."
    }


def test_most_of_a_backdrop_may_be_hidden() -> None:
    meadow = region("A meadow.", WIDE, distance=9)
    assert not problems(canvas(meadow, CAT, DOG))
    wall = region("A cat.", Box(40, 90, 0, 80), distance=1)
    assert problems(canvas(meadow, wall, DOG)) == {"hidden": "hidden: A meadow."}


def test_words_of_the_prompts_examples_leak() -> None:
    walrus = canvas(CAT, DOG, region("A walrus.", MIDDLE))
    assert problems(walrus, words=["walrus", "puffin"]) == {"leak": "leaked: walrus"}
    assert not problems(walrus, text="a cat, a dog and a walrus", words=["walrus", "puffin"])
    assert not problems(canvas(CAT, DOG), words=["walrus"])


def test_there_are_100_requests_of_which_20_are_not_english() -> None:
    requests = load_requests()
    assert len(requests) == 100
    others = [request.language for request in requests if request.language != "en"]
    assert len(others) == 20
    assert set(others) == {"de", "fr", "es", "zh"}


def test_the_words_of_each_english_request_name_its_things() -> None:
    for request in (*load_requests(), *load_unseen_requests()):
        if request.language == "en":
            picture = canvas(CAT, description=request.text)
            found = judge(picture, request)["things"]
            assert not found, (request.text, found)
