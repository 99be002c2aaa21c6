import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.plans.position_phrases import (
    MAX_RELATIONS,
    PhraseParser,
    Position,
    ThingRelation,
    head_noun,
    single_name,
    singular,
)

NAMES = ["a piano", "a window", "a red car", "a blue car", "a girl", "two soldiers", "the sofas"]
PIANO, WINDOW, RED_CAR, BLUE_CAR, GIRL, SOLDIERS, SOFA = range(7)


def parse(phrase: str, index: int = PIANO) -> Position:
    return PhraseParser(NAMES).parse(phrase, index)


@pytest.mark.parametrize(
    ("phrase", "kind", "others"),
    [
        ("left of the window", "left of", (WINDOW,)),
        ("to the left of the window", "left of", (WINDOW,)),
        ("on the right side of the window", "right of", (WINDOW,)),
        ("Left of the blue car", "left of", (BLUE_CAR,)),
        ("between the red car and the blue car", "between", (RED_CAR, BLUE_CAR)),
        ("between the cars", "between", (RED_CAR, BLUE_CAR)),
        ("between two soldiers", "between", (SOLDIERS, SOLDIERS)),
        ("on the sofa", "on", (SOFA,)),
        ("on top of the sofa", "on", (SOFA,)),
        ("under the sofa", "below", (SOFA,)),
        ("over the window", "above", (WINDOW,)),
        ("far behind the girl", "behind", (GIRL,)),
        ("in front of the girl", "in front of", (GIRL,)),
        ("in the arms of the girl", "in", (GIRL,)),
        ("next to a soldier", "beside", (SOLDIERS,)),
        ("behind her", "behind", (WINDOW,)),
    ],
)
def test_a_relation_to_another_thing(phrase: str, kind: str, others: tuple[int, ...]) -> None:
    assert parse(phrase).relations == (ThingRelation(kind, others),)  # type: ignore[arg-type]


def test_a_part_of_a_thing_stands_for_the_thing() -> None:
    parser = PhraseParser(["a whale", "a book with the title 'The Sea'", "a title"])
    assert parser.parse("below the sea", 0).relations == (ThingRelation("below", (1,)),)
    assert parser.parse("below the title", 0).relations == (ThingRelation("below", (2,)),)
    assert parser.parse("below the book", 0).relations == (ThingRelation("below", (1,)),)


def test_it_is_the_main_thing() -> None:
    assert parse("to the right of it", GIRL).relations == (ThingRelation("right of", (PIANO,)),)


@pytest.mark.parametrize(
    ("phrase", "sides"),
    [
        ("on the left", {"left"}),
        ("top left", {"top", "left"}),
        ("in the upper right-hand corner", {"top", "right"}),
        ("on the left of the picture", {"left"}),
        ("in the middle", {"center"}),
        ("in the background", {"back"}),
        ("in the foreground", {"front"}),
        ("above", {"top"}),
        ("in front", {"front"}),
        ("a la derecha", {"right"}),
        ("左", {"left"}),
        ("", set()),
        ("on a cold morning", set()),
    ],
)
def test_a_side_of_the_canvas(phrase: str, sides: set[str]) -> None:
    assert parse(phrase) == Position(frozenset(sides))  # type: ignore[arg-type]


def test_a_phrase_may_have_several_parts() -> None:
    position = parse("on the sofa, left of the girl and behind the window on the right")
    assert position.relations == (
        ThingRelation("on", (SOFA,)),
        ThingRelation("left of", (GIRL,)),
        ThingRelation("behind", (WINDOW,)),
    )
    assert position.sides == {"right"}


def test_a_thing_has_no_relation_to_itself() -> None:
    assert parse("on the piano") == Position()
    assert PhraseParser(["a piano"]).parse("on it", 0) == Position()


@given(st.text(), st.lists(st.text(), min_size=1, max_size=5), st.data())
def test_every_phrase_is_parsed(phrase: str, names: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(names) - 1))
    relations = PhraseParser(names).parse(phrase, index).relations
    assert len(relations) <= MAX_RELATIONS
    for relation in relations:
        assert all(0 <= other < len(names) and other != index for other in relation.others)


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("a red chair with wheels", "chair"),
        ("a field of sunflowers", "field"),
        ("a street lamp", "lamp"),
        ("the title 'The Last Whale'", "title"),
        ("", ""),
    ],
)
def test_the_noun_of_a_name(name: str, noun: str) -> None:
    assert head_noun(name) == noun


@pytest.mark.parametrize(
    ("plural", "one"),
    [("trees", "tree"), ("benches", "bench"), ("cherries", "cherry"), ("grass", "grass")],
)
def test_the_singular_of_a_word(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("two tall trees", "a tall tree"),
        ("Two old benches by the sea", "an old bench by the sea"),
        ("three trees", None),
        ("a tree", None),
        ("two sheep", None),
    ],
)
def test_one_of_a_pair(name: str, one: str | None) -> None:
    assert single_name(name) == one
