import pytest

from benchmarks.composition.words import (
    color_families,
    mentions,
    stated_colors,
    stated_count,
)
from lib_omost.canvas.colors import color_names


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Two dogs bark.", "dog"),
        ("Some cherries.", "cherry"),
        ("Three children.", "child"),
        ("A stop sign.", "stop sign"),
        ("一只白狗", "狗"),
    ],
)
def test_a_word_is_found_in_singular_and_plural(text: str, word: str) -> None:
    assert mentions(text, [word])


@pytest.mark.parametrize(
    ("text", "word"),
    [("A doghouse.", "dog"), ("A category.", "cat"), ("A sign to stop.", "stop sign")],
)
def test_a_part_of_a_word_or_phrase_is_not_the_word(text: str, word: str) -> None:
    assert not mentions(text, [word])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("three ripe red apples", 3),
        ("An apple.", 1),
        ("Red apples.", None),
        ("A bowl with two apples.", 2),
        ("A pear.", None),
    ],
)
def test_the_number_of_apples(text: str, count: int | None) -> None:
    assert stated_count(text, ["apple"]) == count


@pytest.mark.parametrize(
    ("text", "colors"),
    [
        ("A red car.", {"red"}),
        ("The car is red.", {"red"}),
        ("A car beside a blue ball.", set()),
        ("A blue ball beside a car.", set()),
        ("A car. The sky is blue.", set()),
    ],
)
def test_the_color_of_the_car(text: str, colors: set[str]) -> None:
    assert stated_colors(text, ["car"], ["ball"]) == colors


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("firebrick", "red"),
        ("saddlebrown", "brown"),
        ("brown", "brown"),
        ("sienna", "brown"),
        ("gold", "yellow"),
        ("darkgreen", "green"),
        ("navy", "blue"),
        ("hotpink", "pink"),
        ("pink", "pink"),
        ("ivory", "white"),
        ("snow", "white"),
        ("dimgray", "gray"),
        ("black", "black"),
        ("orange", "orange"),
        ("purple", "purple"),
        ("skyblue", "blue"),
    ],
)
def test_the_family_of_a_color(name: str, family: str) -> None:
    assert family in color_families(color_names()[name])


@pytest.mark.parametrize(
    ("name", "family"),
    [("red", "brown"), ("blue", "green"), ("white", "gray"), ("yellow", "red"), ("green", "blue")],
)
def test_another_color_is_not_of_the_family(name: str, family: str) -> None:
    assert family not in color_families(color_names()[name])
