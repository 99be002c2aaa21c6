import pytest

from lib_omost.canvas.plans.picture_sentence import PictureSentence
from lib_omost.canvas.plans.position_phrases import PhraseParser, Position, ThingRelation

NOWHERE = Position()


def position(text: str, names: list[str], index: int = 0, stated: Position = NOWHERE) -> Position:
    return PictureSentence(text, names).position(index, stated, PhraseParser(names))


def test_the_relation_after_a_name() -> None:
    names = ["four lemons", "a plate"]
    expected = Position(relations=(ThingRelation("on", (1,)),))
    assert position("Four lemons in a row on a white plate.", names) == expected
    assert position("Four lemons in a row on a white plate.", names, 1) == Position()


def test_clothes_belong_to_the_thing_before_them() -> None:
    names = ["a man", "a green jacket", "a parrot"]
    text = "A young man in a green jacket and a parrot on the man."
    assert position(text, names, 1) == Position(relations=(ThingRelation("in", (0,)),))
    assert position(text, names, 0) == Position()


def test_a_thing_that_another_one_holds_is_in_its_box() -> None:
    names = ["a girl", "a white cat"]
    text = "A girl holding a white cat in her arms."
    assert position(text, names, 1) == Position(relations=(ThingRelation("in", (0,)),))
    assert position(text, names, 0) == Position()


def test_the_next_clause_names_no_held_thing() -> None:
    assert position("A girl plays, and a dog sleeps.", ["a girl", "a dog"], 1) == Position()


def test_a_side_after_a_name() -> None:
    names = ["a lake", "a mountain range"]
    text = "A lake with a mountain range in the background."
    assert position(text, names, 1) == Position(frozenset({"back"}))


def test_the_sentence_adds_relations_to_other_things_only() -> None:
    names = ["knights", "a king", "a horse"]
    text = "Knights, and a king on a horse."
    before = ThingRelation("in front of", (0,))
    stated = Position(relations=(before,))
    assert position(text, names, 1, stated).relations == (before, ThingRelation("on", (2,)))
    assert position("Knights, and a king on the left.", names, 1, stated).sides == {"left"}
    beside = Position(relations=(ThingRelation("left of", (2,)),))
    assert position(text, names, 1, beside) == beside
    right = Position(frozenset({"right"}))
    assert position(text, names, 1, right) == right


def test_clothes_belong_to_their_wearer_even_if_the_entry_disagrees() -> None:
    names = ["a penguin", "a snowman", "an orange nose"]
    text = "A penguin to the right of a snowman with an orange nose."
    on_penguin = Position(relations=(ThingRelation("on", (0,)),))
    assert position(text, names, 2, on_penguin) == Position(relations=(ThingRelation("in", (1,)),))


@pytest.mark.parametrize(
    "text",
    [
        "A kitchen with a refrigerator on the right.",
        "A kitchen and a cat on the refrigerator.",
        "A kitchen, on the refrigerator a cat.",
        "A man holding a kitchen and a refrigerator.",
        "Nothing that is listed.",
        "",
    ],
)
def test_relations_of_other_parts_of_the_sentence_do_not_count(text: str) -> None:
    assert position(text, ["a kitchen", "a refrigerator"]) == Position()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A book with the title 'Sea' and a whale.", ["a book with the title 'Sea'", "a whale"]),
        ('A whale and a sign that says "Go!".', ["a book", 'a whale and a sign that says "Go!"']),
        ("The painter's book of the whale's life.", ["a book", "a whale"]),
        ("'Sea' on a book.", ["a book", "a whale"]),
    ],
)
def test_quoted_words_belong_to_the_thing_before_them(text: str, names: list[str]) -> None:
    assert PictureSentence(text, ["a book", "a whale"]).complete_names() == names


def test_quoted_words_of_a_name_are_not_repeated() -> None:
    names = ["a sign that says 'OPEN'", "a door"]
    assert PictureSentence("A sign above a door that says 'Open'.", names).complete_names() == names
