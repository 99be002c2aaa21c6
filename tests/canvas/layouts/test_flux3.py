"""FLUX 3 layouts."""

import pytest

from lib_omost.canvas.layouts import flux3
from lib_omost.canvas.model import Canvas, Region
from tests.canvas.layouts.reading import ASYMMETRIC, read

ROWS = (
    '[{"id": "coat_1", "bbox": [100, 200, 400, 900], "desc": "A red coat."},'
    ' {"id": "obj_2", "bbox": [0, 0, 1000, 1000], "desc": "Rain."}]'
)
PROMPT = f"A shop window with a red coat <coat_1> in the rain <obj_2>. {ROWS}"


@pytest.mark.parametrize(
    "text", [PROMPT, f"```\n{PROMPT}\n```", f"The prompt is:\n```text\n{PROMPT}\n```\nGood luck!"]
)
def test_the_paragraph_and_the_rows_are_read(text):
    canvas, said = read(text)
    assert canvas.description == "A shop window with a red coat in the rain."
    assert [region.box == ASYMMETRIC for region in canvas.regions] == [True, False]
    assert [region.description for region in canvas.regions] == ["A red coat.", "Rain."]
    assert "note: this is a FLUX 3 layout" in said


def test_an_id_without_its_words_becomes_words():
    canvas, _ = read(f"The window shows <coat_1> only. {ROWS}")
    assert canvas.description == "The window shows coat only."


def test_rows_alone_are_read():
    canvas, said = read(ROWS)
    assert canvas.description == ""
    assert len(canvas.regions) == 2
    assert said[-1] == "note: the rows have no paragraph; the global description is empty"


def test_edits_use_the_box_of_the_result():
    canvas, said = read(
        [
            {"id": "a", "from": "ref_image_1", "src_bbox": [0, 0, 9, 9],
             "tgt_bbox": [100, 200, 400, 900], "desc": "A coat."},
            {"id": "b", "from": None, "src_bbox": [0, 0, 9, 9], "tgt_bbox": None, "desc": ""},
            {"id": "c", "targetBox": [100, 200, 400, 900], "description": "A hat."},
        ]
    )  # fmt: skip
    assert [(region.description, region.box) for region in canvas.regions] == [
        ("A coat.", ASYMMETRIC),
        ("A hat.", ASYMMETRIC),
    ]
    assert said[2:] == [
        "warning: region 1: it refers to 'ref_image_1'; a canvas contains no reference pictures",
        "warning: region 2: it removes an element; it is left out",
    ]


def test_a_canvas_is_written_with_the_ids_after_the_paragraph():
    canvas = Canvas(
        description="A window",
        tags="shop",
        regions=(Region(description="A coat.", tags="red", place=ASYMMETRIC),),
    )
    text = flux3.write(canvas)
    assert text == (
        'A window. shop <obj_1> [{"id": "obj_1", "bbox": [100, 200, 400, 900], '
        '"desc": "A coat. red"}]'
    )
    assert read(text)[0].description == "A window. shop"
