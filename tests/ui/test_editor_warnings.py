"""Where a canvas will not do what somebody may expect of it."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given

from lib_omost.canvas.model import Box, Canvas, Place, Region
from lib_omost.ui.editor_warnings import far_to_near, region_warnings, visible_shares
from tests.canvas.strategies import file_canvases

LEFT = Box(0, 90, 0, 45)
RIGHT = Box(0, 90, 45, 90)
ALL = Box(0, 90, 0, 90)


def canvas(*regions):
    """A canvas of boxes with their distances."""
    return Canvas(
        description="",
        regions=tuple(
            Region(description="a boat", place=place, distance_to_viewer=distance)
            for place, distance in regions
        ),
    )


def warned(*regions):
    return [(item.region, item.message) for item in region_warnings(canvas(*regions))]


@pytest.mark.parametrize(
    ("regions", "shares"),
    [
        ([(LEFT, 1.0), (RIGHT, 2.0)], [1, 1]),
        ([(ALL, 2.0), (LEFT, 1.0)], [0.5, 1]),
        ([(ALL, 1.0), (LEFT, 2.0)], [1, 0]),
        ([(ALL, 3.0), (LEFT, 1.0), (RIGHT, 2.0)], [0, 1, 1]),
        ([(LEFT, 1.0), (LEFT, 1.0)], [0, 1]),
    ],
    ids=["apart", "half", "behind", "behind two", "the later of equals is nearer"],
)
def test_the_share_that_no_nearer_region_covers(regions, shares):
    assert visible_shares(canvas(*regions)) == pytest.approx(shares)


def test_a_canvas_without_regions_has_nothing_to_warn_of():
    assert list(region_warnings(canvas())) == []


def test_a_covered_region_is_named():
    ((number, message),) = warned((ALL, 1.0), (LEFT, 2.0))
    assert number == 2
    assert "0% of its box is visible" in message


def test_hidden_regions_cover_nothing_and_have_no_warning():
    behind = Region(description="a pier", place=LEFT, distance_to_viewer=2)
    before = Region(description="BREAK", place=ALL, distance_to_viewer=1, hidden=True)
    both = Canvas(description="", regions=(before, behind))
    assert visible_shares(both) == [1, 1]
    assert list(region_warnings(both)) == []


def test_a_region_mostly_outside_is_named():
    corner = Place("on the top-left", "slightly to the upper-left", "a large square area")
    ((_, message),) = warned((corner, 1.0))
    assert "outside the picture" in message
    assert warned((Place("on the top-left", "no offset", "a small square area"), 1.0)) == []


def test_a_region_that_says_nothing_is_named():
    silent = Canvas(description="", regions=(Region(description=" ", place=LEFT, tags=""),))
    assert [item.message for item in region_warnings(silent)] == [
        "This region has no description yet."
    ]


FOX = Region(description="A fox.", place=LEFT)


def found(canvas, canvas_text="plain"):
    """The region and the quoted syntax of each warning."""
    warnings = region_warnings(canvas, canvas_text)
    return [(item.region, item.message.split("”")[0].lstrip("“")) for item in warnings]


class TestPromptSyntaxInPlainText:
    """Only the prompt box understands it; a plain canvas encodes it as words."""

    @pytest.mark.parametrize("written", ["[a:b:0.5]", "[a|b]", "AND", "BREAK", "<lora:fur:0.8>"])
    def test_it_is_named_at_its_region(self, written):
        fox = dataclasses.replace(FOX, place=RIGHT, style=f"oil {written} paint")
        assert found(Canvas(description="", regions=(FOX, fox))) == [(2, written)]

    def test_the_whole_picture_is_region_0(self):
        assert found(Canvas(description="a fox BREAK a hare", regions=(FOX,))) == [(0, "BREAK")]

    def test_each_is_named_once(self):
        fox = dataclasses.replace(FOX, tags="a AND b", style="c AND d")
        assert found(Canvas(description="", regions=(fox,))) == [(1, "AND")]

    def test_text_that_the_host_reads_has_no_warning(self):
        """The host's syntax is refused with a message there, when the texts are counted."""
        fox = dataclasses.replace(FOX, tags="a AND b")
        assert found(Canvas(description="", regions=(fox,)), "webui") == []
        fox = dataclasses.replace(fox, syntax="webui")
        assert found(Canvas(description="", regions=(fox,))) == []

    def test_emphasis_and_words_have_no_warning(self):
        fox = dataclasses.replace(FOX, tags="(fur:1.2), SAND and BREAKFAST")
        assert found(Canvas(description="", regions=(fox,))) == []


@given(file_canvases)
def test_the_order_is_the_canvas_s_own(canvas):
    assert tuple(canvas.regions[i] for i in far_to_near(canvas)) == canvas.far_to_near()


def test_a_box_without_any_area_is_not_covered():
    """A quotient of nothing by nothing would be neither covered nor visible."""
    tiny = Box(0.0, 1e-266, 0.0, 1e-266)
    assert visible_shares(canvas((tiny, 1.0))) == [1.0]


@given(file_canvases)
def test_the_nearest_region_is_never_covered(canvas):
    shares = visible_shares(canvas)
    assert all(0 <= share <= 1 + 1e-9 for share in shares)
    if far_to_near(canvas):
        assert shares[far_to_near(canvas)[-1]] == pytest.approx(1)
