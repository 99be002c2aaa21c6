"""The regions of Regional Prompter."""

import pytest

from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.layouts import regional_prompter
from lib_omost.canvas.model import WHOLE_CANVAS, Box, Canvas, Region
from tests.canvas.layouts.reading import read


def infotext(prompt, direction="Columns", ratios='"1,1"', mode="Matrix", **others):
    parameters = {
        "RP Active": True,
        "RP Divide mode": mode,
        "RP Matrix submode": direction,
        "RP Ratios": ratios,
        **{f"RP Use {name}": value for name, value in others.items()},
    }
    values = ", ".join(f"{name}: {value}" for name, value in parameters.items())
    return f"{prompt}\nSteps: 20, Size: 512x512, {values}"


def regions(text):
    canvas, _ = read(text)
    return [(region.description, region.box) for region in canvas.regions]


def test_columns_of_a_bare_prompt():
    canvas, said = read("a street ADDCOMM\na red coat ADDCOL\na hat BREAK")
    assert canvas.description == "a street"
    assert [(region.description, region.box) for region in canvas.regions] == [
        ("a red coat", Box(0, 90, 0, 45)),
        ("a hat", Box(0, 90, 45, 90)),
    ]
    assert said == ["note: this is a prompt of Regional Prompter"]


def test_rows_with_columns_of_different_widths():
    text = infotext("sky ADDCOL sun ADDROW sea ADDCOL ship", ratios='"1,2,1;2,1,4"')
    assert regions(text) == [
        ("sky", Box(0, 30, 0, 60)),
        ("sun", Box(0, 30, 60, 90)),
        ("sea", Box(30, 90, 0, 18)),
        ("ship", Box(30, 90, 18, 90)),
    ]


@pytest.mark.parametrize("direction", ["Rows", "Vertical"])
def test_columns_with_rows_of_different_heights(direction):
    text = infotext("sky ADDROW sun ADDCOL sea", direction, '"1;2;1,2"')
    assert regions(text) == [
        ("sky", Box(0, 60, 0, 30)),
        ("sun", Box(60, 90, 0, 30)),
        ("sea", Box(0, 90, 30, 90)),
    ]


@pytest.mark.parametrize(
    ("direction", "boxes"),
    [
        ("Columns", [Box(0, 90, 0, 30), Box(0, 90, 30, 90)]),
        ("Horizontal", [Box(0, 90, 0, 30), Box(0, 90, 30, 90)]),
        ("Rows", [Box(0, 30, 0, 90), Box(30, 90, 0, 90)]),
    ],
)
@pytest.mark.parametrize("keyword", ["BREAK", "inner", "outer"])
def test_one_list_of_ratios_belongs_to_the_only_direction(direction, boxes, keyword):
    rows = direction == "Rows"
    keyword = {"BREAK": "BREAK", "inner": "ADDROW" if rows else "ADDCOL"}.get(keyword, keyword)
    if keyword == "outer":  # a keyword that disagrees with the direction wins
        keyword = "ADDCOL" if rows else "ADDROW"
        boxes = [Box(box.left, box.right, box.top, box.bottom) for box in boxes]
    text = infotext(f"a {keyword} b", direction, '"1,2"')
    assert regions(text) == [("a", boxes[0]), ("b", boxes[1])]


def test_texts_for_the_whole_picture_by_setting():
    canvas, _ = read(infotext("common BREAK base BREAK a BREAK b", Common=True, Base=True))
    assert (canvas.description, canvas.detailed_descriptions) == ("common", ("base",))
    assert [region.description for region in canvas.regions] == ["a", "b"]


def test_ratios_that_do_not_match_give_equal_parts():
    canvas, said = read(infotext("a ADDCOL b ADDCOL c", ratios='"1,2"'))
    assert [region.box.right for region in canvas.regions] == [30, 60, 90]
    assert "warning: the ratios do not match the number of regions; all regions are equal" in said


@pytest.mark.parametrize("changes", [{"mode": "Mask"}, {"mode": "Prompt"}, {"direction": "Random"}])
def test_modes_without_boxes_keep_the_texts(changes):
    canvas, said = read(infotext("a BREAK b", **changes))
    assert [region.box for region in canvas.regions] == [WHOLE_CANVAS] * 2
    assert "are not in the infotext; each region covers the whole picture" in said[1]


def test_a_break_within_a_column_is_no_region():
    assert regions("a BREAK b ADDCOL c")[0] == ("a, b", Box(0, 90, 0, 45))


@pytest.mark.parametrize("ratios", ["", '"0,-1,nan,1e999"', '"x;y"', ";;;", '"1e-9,1"'])
@pytest.mark.parametrize("prompt", ["ADDCOL", "a ADDROW ADDCOL ADDROW", "BREAK", ""])
def test_empty_texts_and_odd_ratios_are_read(prompt, ratios):
    assert read(infotext(prompt, ratios=ratios))[0] is not None


def tiles(boxes):
    return Canvas(
        description="a street",
        regions=tuple(
            Region(description=f"thing {number}", place=box, distance_to_viewer=9 - number)
            for number, box in enumerate(boxes)
        ),
    )


ROWS = [Box(0, 30, 0, 60), Box(0, 30, 60, 90), Box(30, 90, 0, 18), Box(30, 90, 18, 90)]


def test_rows_of_columns_are_written():
    assert regional_prompter.write(tiles(ROWS)) == (
        "a street ADDCOMM\nthing 0 ADDCOL\nthing 1 ADDROW\nthing 2 ADDCOL\nthing 3\n"
        "RP Active: True, RP Divide mode: Matrix, RP Matrix submode: Columns, "
        'RP Calc Mode: Attention, RP Ratios: "30,60,30;60,18,72"'
    )


@pytest.mark.parametrize(
    "boxes",
    [ROWS, [Box(box.left, box.right, box.top, box.bottom) for box in ROWS], [Box(0, 90, 0, 90)]],
    ids=["rows of columns", "columns of rows", "one"],
)
def test_what_is_written_is_read_back(boxes):
    canvas, _ = read(regional_prompter.write(tiles(boxes)))
    assert canvas.description == "a street"
    assert sorted((each.description, each.box.left, each.box.top) for each in canvas.regions) == [
        (f"thing {number}", box.left, box.top) for number, box in enumerate(boxes)
    ]


@pytest.mark.parametrize("boxes", [[], ROWS[:3], [*ROWS[:3], Box(30, 90, 10, 90)]])
def test_regions_that_do_not_divide_the_picture_are_refused(boxes):
    with pytest.raises(CanvasWriteError, match="the regions overlap or leave gaps"):
        regional_prompter.write(tiles(boxes))
