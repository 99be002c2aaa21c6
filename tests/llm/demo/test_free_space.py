"""A new region moves to free space if it would cover another region."""

from dataclasses import replace

from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.llm.demo.free_space import max_overlap, move_to_free_space

SMALL, WHOLE = "a small square area", "a large square area"


def region(location, area=SMALL):
    return Region(
        place=Place(location, "no offset", area), description="a red star.", color=(255, 0, 0)
    )


def canvas(*regions):
    return Canvas(description="on a black background.", color=(0, 0, 0), regions=regions)


def test_a_new_region_that_hides_another_moves_to_where_there_is_room():
    before = canvas(region("on the left"))
    after = move_to_free_space(before, canvas(*before.regions, region("on the left")))
    assert after.regions[0] == before.regions[0]
    box, other = after.regions[1].box, after.regions[0].box
    assert max_overlap(box, [other]) <= 0.2
    assert after == move_to_free_space(before, canvas(*before.regions, region("on the left")))


def test_a_large_one_becomes_small_where_nothing_else_helps():
    before = canvas(*(region(name) for name in ("on the left", "on the right")))
    after = move_to_free_space(before, canvas(*before.regions, region("in the center", WHOLE)))
    new = after.regions[-1]
    assert new.place.area == SMALL
    assert max_overlap(new.box, [other.box for other in before.regions]) <= 0.2


def test_hidden_regions_leave_their_space_free():
    before = canvas(replace(region("on the left"), hidden=True))
    after = canvas(*before.regions, region("on the left"))
    assert move_to_free_space(before, after) == after


def test_one_that_hides_little_or_is_not_new_stays():
    left, right = region("on the left"), region("on the right")
    assert move_to_free_space(canvas(left), canvas(left, right)) == canvas(left, right)
    assert move_to_free_space(canvas(left, left), canvas(left, left)) == canvas(left, left)
