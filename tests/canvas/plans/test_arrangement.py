from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.model import UNITS, Box
from lib_omost.canvas.plans.arrangement import arrange_things
from lib_omost.canvas.plans.box_words import SIZES
from lib_omost.canvas.plans.planned_things import ArrangedThing, PlannedThing
from lib_omost.canvas.plans.position_phrases import PhraseParser


def arrange(*things: tuple[str, str], size: str = "medium") -> list[ArrangedThing]:
    parser = PhraseParser([name for name, _ in things])
    return arrange_things(
        [
            PlannedThing(name, size, parser.parse(phrase, index))
            for index, (name, phrase) in enumerate(things)
        ]
    )


def center(thing: ArrangedThing) -> tuple[float, float]:
    box = thing.box
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def hidden(near: Box, far: Box) -> float:
    width = max(min(near.right, far.right) - max(near.left, far.left), 0)
    height = max(min(near.bottom, far.bottom) - max(near.top, far.top), 0)
    return width * height / ((far.right - far.left) * (far.bottom - far.top))


SIZE_NAMES = sorted(SIZES.keys() - {"whole picture"})


@pytest.mark.parametrize("size", SIZE_NAMES)
def test_left_of_and_right_of(size: str) -> None:
    piano, window, lamp = arrange(
        ("a piano", "left of the window"),
        ("a window", "right"),
        ("a lamp", "right of the window"),
        size=size,
    )
    assert piano.box.right <= window.box.left
    assert window.box.right <= lamp.box.left


@pytest.mark.parametrize("size", SIZE_NAMES)
def test_above_and_below(size: str) -> None:
    lamp, table, dog = arrange(
        ("a lamp", "above the table"), ("a table", ""), ("a dog", "under the table"), size=size
    )
    assert lamp.box.bottom <= table.box.top
    assert table.box.bottom <= dog.box.top
    assert center(lamp)[0] == center(table)[0] == center(dog)[0]


def test_between_two_things() -> None:
    tree, church, school = arrange(
        ("a tree", "between the church and the school"), ("a church", ""), ("a school", "")
    )
    assert church.box.right <= tree.box.left < tree.box.right <= school.box.left


def test_between_two_things_on_a_third_one() -> None:
    candle, one, other, table = arrange(
        ("a candle", "between the books"),
        ("a book", "on the table"),
        ("a book", "on the table"),
        ("a table", ""),
    )
    assert one.box.right <= candle.box.left < candle.box.right <= other.box.left
    assert candle.box.top < table.box.top < candle.box.bottom


def test_on_a_horse_in_front_of_an_army() -> None:
    army, king, horse = arrange(
        ("an army", ""), ("a king", "in front of the army, on the horse"), ("a horse", "")
    )
    assert king.box.top < horse.box.top < king.box.bottom
    assert king.distance < horse.distance
    assert king.distance < army.distance


@pytest.mark.parametrize(
    ("phrase", "x", "y"),
    [
        ("left", 22.5, 45),
        ("top right", 67.5, 22.5),
        ("bottom left", 22.5, 67.5),
        ("center", 45, 45),
    ],
)
def test_sides_of_the_canvas(phrase: str, x: float, y: float) -> None:
    (sun,) = arrange(("a sun", phrase), size="small")
    assert center(sun) == pytest.approx((x, y), abs=1)


def test_things_without_a_place_stand_side_by_side() -> None:
    cat, dog = arrange(("a cat", ""), ("a dog", ""))
    assert cat.box.right <= dog.box.left
    assert (cat.box.top, cat.box.bottom) == (dog.box.top, dog.box.bottom)


def test_a_thing_in_the_center_stays_there_beside_another_one() -> None:
    robot, flower = arrange(("a robot", "left"), ("a flower", "in the center"))
    assert center(flower)[0] == pytest.approx(45, abs=1)
    assert robot.box.right <= flower.box.left


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_things_on_another_thing_touch_it_and_leave_most_of_it_visible(size: str) -> None:
    cat, dog, sofa = arrange(
        ("a cat", "on the sofa"), ("a dog", "on the sofa"), ("a sofa", ""), size=size
    )
    for animal in (cat, dog):
        assert sofa.box.left <= animal.box.left < animal.box.right <= sofa.box.right
        assert animal.box.top < sofa.box.top < animal.box.bottom
        assert animal.distance < sofa.distance
        assert hidden(animal.box, sofa.box) < 0.25
    assert cat.box.right <= dog.box.left


def arrange_small_and_large(phrase: str) -> list[ArrangedThing]:
    """Arranges a small cat and a large sofa."""
    parser = PhraseParser(["a cat", "a sofa"])
    return arrange_things(
        [
            PlannedThing("a cat", "small", parser.parse(phrase, 0)),
            PlannedThing("a sofa", "large", parser.parse("", 1)),
        ]
    )


def test_a_small_thing_stands_on_another_one_and_floats_in_it() -> None:
    cat, sofa = arrange_small_and_large("on the sofa")
    height = sofa.box.bottom - sofa.box.top
    assert cat.box.bottom - sofa.box.top == pytest.approx(0.24 * height, abs=1)
    cat, sofa = arrange_small_and_large("in the sofa")
    assert abs(center(cat)[1] - center(sofa)[1]) < 0.1 * (sofa.box.bottom - sofa.box.top)


def test_a_thing_in_another_thing_is_inside() -> None:
    fish, bowl = arrange(("a fish", "in the bowl"), ("a bowl", ""))
    assert hidden(bowl.box, fish.box) == 1
    assert hidden(fish.box, bowl.box) < 0.6
    assert fish.distance < bowl.distance


def test_a_thing_behind_another_one_is_larger_and_farther() -> None:
    castle, knight = arrange(("a castle", "behind the knight"), ("a knight", ""))
    assert castle.distance == knight.distance + 2
    assert castle.box.top < knight.box.top
    assert hidden(knight.box, castle.box) < 0.5


def test_a_thing_in_front_of_another_one_is_lower_and_nearer() -> None:
    dog, train = arrange(("a dog", "in front of the train"), ("a train", ""))
    assert dog.distance < train.distance
    assert dog.box.bottom > train.box.bottom
    assert hidden(dog.box, train.box) < 0.6


def test_a_thing_behind_and_beside_another_one() -> None:
    boxer, trainer = arrange(("a boxer", "center"), ("a trainer", "behind the boxer, on the left"))
    assert trainer.box.right <= boxer.box.left
    assert trainer.distance > boxer.distance


def test_scenery_is_a_backdrop() -> None:
    boat, sea, sky, mountains = arrange(
        ("a boat", "on the sea"),
        ("the sea", ""),
        ("a cloudy sky", "above the sea"),
        ("mountains", "behind the sea"),
    )
    assert sea.box == Box(52, 90, 0, 90)
    assert sky.box == Box(0, 38, 0, 90)
    assert mountains.box == Box(20, 55, 0, 90)
    assert sky.distance > mountains.distance > sea.distance > boat.distance
    assert sea.box.top < boat.box.bottom <= sea.box.bottom


@pytest.mark.parametrize("room", ["a kitchen", "a boathouse"])
def test_a_room_with_a_thing_at_one_side(room: str) -> None:
    kitchen, refrigerator = arrange((room, ""), ("a red refrigerator", f"on the right in {room}"))
    assert kitchen.box == Box(0, 90, 0, 90)
    assert center(refrigerator)[0] > 60


def test_scenery_at_one_side_is_a_thing() -> None:
    volcano, lake = arrange(("a volcano", "on the left"), ("a lake", "on the right"))
    assert volcano.box.right <= lake.box.left


def test_two_grounds_share_the_lower_half() -> None:
    sea, beach, _tower = arrange(("the sea", ""), ("a beach", ""), ("a tower", ""))
    assert sea.box == Box(52, 71, 0, 90)
    assert beach.box == Box(71, 90, 0, 90)


def test_a_stage_reaches_up_to_the_singer_above_the_crowd() -> None:
    crowd, singer, stage = arrange(
        ("a crowd", ""), ("a singer", "on the stage, above the crowd"), ("a stage", "")
    )
    assert singer.box.bottom <= crowd.box.top
    assert stage.box.top < singer.box.bottom


def test_the_first_of_two_contradicting_relations_counts() -> None:
    cat, dog = arrange(("a cat", "left of the dog"), ("a dog", "left of the cat"))
    assert cat.box.right <= dog.box.left
    cat, dog = arrange(("a cat", "on the dog"), ("a dog", "on the cat"))
    assert cat.box.top < dog.box.top


PHRASES: Sequence[str] = [
    "left", "right", "top", "bottom", "center", "background", "foreground", "top left", "",
    *(
        f"{kind} the {name}"
        for kind in ("left of", "right of", "above", "below", "behind", "in front of", "on", "in")
        for name in ("cat", "sea", "room", "lamp")
    ),
    "between the cat and the lamp", "between the lamp and the sea, on the room",
]  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a cat", "a cat", "the sea", "a room", "a lamp"]),
            st.sampled_from(PHRASES),
            st.sampled_from(list(SIZES)),
        ),
        max_size=8,
    )
)
def test_every_box_is_on_the_canvas(things: list[tuple[str, str, str]]) -> None:
    parser = PhraseParser([name for name, _, _ in things])
    arranged = arrange_things(
        [
            PlannedThing(name, size, parser.parse(phrase, index))
            for index, (name, phrase, size) in enumerate(things)
        ]
    )
    assert len(arranged) == len(things)
    for one in arranged:
        assert 0 <= one.box.left < one.box.right <= UNITS
        assert 0 <= one.box.top < one.box.bottom <= UNITS
        assert 0 < one.distance <= 20
