import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas import vocabulary
from lib_omost.canvas.place_names import (
    DIRECTIONS,
    WHOLE_CANVAS,
    PlaceMatch,
    match_area,
    match_location,
    match_offset,
)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("on the left", "on the left"),
        ("On The  Top_Left", "on the top-left"),
        ("on the upper left", "on the top-left"),
        ("on the lower-right", "on the bottom-right"),
        ("top", "on the top"),
        ("topright", "on the top-right"),
        ("in the bottom left corner", "on the bottom-left"),
        ("in the centre", "in the center"),
        ("on the middle", "in the center"),
        ("middle left", "on the left"),
        ("top center", "on the top"),
        ("on the rigth", "on the right"),
        ("at the botom", "on the bottom"),
        ("on the uper-rihgt", "on the top-right"),
        ("northwest", "on the top-left"),
        ("左上角", "on the top-left"),
        ("왼쪽", "on the left"),
        ("unten rechts", "on the bottom-right"),
        ("à gauche", "on the left"),
        ("in the upper left of the background", "on the top-left"),
        ("the whole picture", WHOLE_CANVAS),
        ("everywhere", WHOLE_CANVAS),
        ("full canvas", WHOLE_CANVAS),
        ("in the background", WHOLE_CANVAS),
        ("整个画面", WHOLE_CANVAS),
    ],
)
def test_wordings_of_locations_are_matched(written, name):
    assert match_location(written) == PlaceMatch(name)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("slightly to the top-right", "slightly to the upper-right"),
        ("slightly to the bottom", "slightly to the lower"),
        ("slightly up", "slightly to the upper"),
        ("slightly to the down left", "slightly to the lower-left"),
        ("to the left", "slightly to the left"),
        ("slighty to teh upper-lefft", "slightly to the upper-left"),
        ("none", "no offset"),
        ("", "no offset"),
        ("centered", "no offset"),
        ("No Offset", "no offset"),
        ("无偏移", "no offset"),
        ("略微向右", "slightly to the right"),
    ],
)
def test_wordings_of_offsets_are_matched(written, name):
    assert match_offset(written) == PlaceMatch(name)


@pytest.mark.parametrize(
    ("written", "name", "certain"),
    [
        ("a medium sized square area", "a medium-sized square area", True),
        ("a medium square", "a medium-sized square area", True),
        ("tiny tall area", "a small vertical area", True),
        ("a big wide area", "a large horizontal area", True),
        ("a large verticle area", "a large vertical area", True),
        ("a sqare small region", "a small square area", True),
        ("a large area", "a large square area", False),
        ("中等大小的正方形区域", "a medium-sized square area", True),
        ("小さい縦長の領域", "a small vertical area", True),
        ("the entire canvas", WHOLE_CANVAS, True),
        ("full width", "a large horizontal area", True),
        ("a vertical area", "a medium-sized vertical area", False),
    ],
)
def test_wordings_of_areas_are_matched(written, name, certain):
    assert match_area(written) == PlaceMatch(name, certain)


@pytest.mark.parametrize("match", [match_location, match_offset, match_area])
@pytest.mark.parametrize(
    "text",
    ["the moon", "12", "x" * 100_000, "on the rock", "on the tower", "a flower bed", "at night",
     "in the bright mouth", "at least"],
)  # fmt: skip
def test_a_text_without_a_place_matches_none(match, text):
    assert match(text) is None


def test_opposite_directions_cancel_out_and_make_the_match_uncertain():
    assert match_location("left and right") == PlaceMatch("in the center", certain=False)
    assert match_offset("upper lower left") == PlaceMatch("slightly to the left", certain=False)


VERTICAL = {
    "top": "up",
    "upper": "up",
    "bottom": "down",
    "lower": "down",
    "up": "up",
    "down": "down",
}
EDGES = {"up": "top", "down": "bottom", "": ""}
TILTS = {"up": "upper", "down": "lower", "": ""}


@pytest.mark.parametrize(
    ("vertical", "horizontal"), list(itertools.product(["", *VERTICAL], ["", "left", "right"]))
)
def test_no_wording_of_a_direction_changes_an_axis(vertical, horizontal):
    if not (vertical or horizontal):
        return
    axis = VERTICAL.get(vertical, "")
    for form in ("{}-{}", "slightly to the {} {}", "on the {}{}", "{} {} side"):
        written = form.format(vertical, horizontal)
        edge = "-".join(filter(None, (EDGES[axis], horizontal)))
        tilt = "-".join(filter(None, (TILTS[axis], horizontal)))
        assert match_location(written) == PlaceMatch(f"on the {edge}"), written
        assert match_offset(written) == PlaceMatch(f"slightly to the {tilt}"), written


@given(st.sampled_from(sorted(vocabulary.LOCATIONS)), st.data())
def test_a_dropped_letter_never_flips_a_location(name, data):
    at = data.draw(st.integers(0, len(name) - 1))
    match = match_location(name[:at] + name[at + 1 :])
    assert match is None or not _flipped(name, match.name)


@pytest.mark.parametrize(
    ("meaning", "opposite"), [("up", "down"), ("down", "up"), ("left", "right"), ("right", "left")]
)
def test_no_single_typing_error_in_any_direction_flips_it(meaning, opposite):
    side = {"up": "top", "down": "bottom"}.get(opposite, opposite)
    for word in DIRECTIONS[meaning]:
        for wrong in _typing_errors(word):
            match = match_location(f"on the {wrong}")
            assert match is None or side not in match.name, wrong


def _typing_errors(word):
    """The word with any one letter left out, put in or changed, or two exchanged."""
    for i in range(len(word) + 1):
        yield word[:i] + word[i + 1 :]
        yield word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :]
        for letter in string.ascii_lowercase:
            yield word[:i] + letter + word[i:]
            yield word[:i] + letter + word[i + 1 :]


@given(st.text())
def test_any_text_matches_a_known_name_or_none(text):
    for match, names in (
        (match_location, vocabulary.LOCATIONS),
        (match_offset, vocabulary.OFFSETS),
        (match_area, vocabulary.AREAS),
    ):
        found = match(text)
        assert found is None or found.name in (*names, WHOLE_CANVAS)


def _flipped(a: str, b: str) -> bool:
    opposites = [("left", "right"), ("top", "bottom")]
    return any((x in a and y in b) or (y in a and x in b) for x, y in opposites)
