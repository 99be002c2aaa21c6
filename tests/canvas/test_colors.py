import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.colors import color_name, color_names, match_color


@pytest.mark.parametrize(
    ("written", "color"),
    [
        ("darkslategray", (47, 79, 79)),
        ("Dark Slate-Gray", (47, 79, 79)),
        ("navyblue", (0, 0, 128)),
        ("navy blue", (0, 0, 128)),
        ("#ff8000", (255, 128, 0)),
        ("FF8000", (255, 128, 0)),
        ("#f80", (255, 136, 0)),
        ("#ff800040", (255, 128, 0)),
        ("rgb(1, 2, 3)", (1, 2, 3)),
        ("rgb(1 2 3 / 50%)", (1, 2, 3)),
        ("rgba(1, 2, 3, 0.5)", (1, 2, 3)),
        ("(1, 2, 3)", (1, 2, 3)),
        ("steel blue (#4682b4)", (70, 130, 180)),
        ("0xff8000", (255, 128, 0)),
        ("hsl(180, 25%, 25%)", (48, 80, 80)),
        ("hsl(180deg 25 25)", (48, 80, 80)),
        ("golden", (255, 215, 0)),
        ("gold colored", (255, 215, 0)),
        ("红色", (255, 0, 0)),
        ("浅蓝色", (173, 216, 230)),
        ("hellblau", (173, 216, 230)),
        ("жёлтый", (255, 255, 0)),
        ("darkslatgrey", (47, 79, 79)),
        ("sadlebrown", (139, 69, 19)),
    ],
)
def test_colour_names_hex_digits_and_misspelt_names_are_matched(written, color):
    match = match_color(written)
    assert match is not None
    assert (match.color, match.certain) == (color, True)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("oceanblue", "blue"),
        ("deep forest green", "forestgreen"),
        ("brightyellow", "yellow"),
        ("light brown", "brown"),
        ("reddish brown", "brown"),
        ("red and white", "red"),
        ("black/white", "black"),
        ("gelb und schwarz", "yellow"),
        ("off-white", "whitesmoke"),
        ("cherryred", "red"),
        ("bluish", "blue"),
    ],
)
def test_a_shade_or_a_second_colour_makes_the_match_a_guess(written, name):
    match = match_color(written)
    assert match is not None
    assert (match.name, match.certain) == (name, False)


@pytest.mark.parametrize(
    "written",
    ["", "#12", "rgb(", "rgb()", "transparent glass", "b" * 100_000, "multicolored",
     "multi-colored", "colorful", "transparent", "rainbow", "infrared", "scared", "dark", "none"],
)  # fmt: skip
def test_a_text_without_a_colour_matches_none(written):
    assert match_color(written) is None


@pytest.mark.parametrize("name", sorted(color_names()))
def test_every_named_colour_survives_the_round_trip_through_its_name(name):
    color = color_names()[name]
    back = color_name(color)
    assert back is not None
    assert color_names()[back] == color


def test_an_unnamed_colour_has_no_name():
    assert color_name((1, 2, 3)) is None


@given(st.text() | st.text("#rgbhsl()%0123456789, ").map(lambda text: f"rgb{text}"))
def test_any_text_matches_a_valid_colour_or_none(text):
    match = match_color(text)
    assert match is None or all(0 <= part <= 255 for part in match.color)
