"""Canvas code as other models write it: other methods, names, loops, boxes, marks."""

import pytest

from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.model import Box

HEAD = "canvas = Canvas()\ncanvas.set_global_description('A wood.')\n"
PLACE = "location='on the left', offset='no offset', area='a small square area'"
FULL = f"{PLACE}, distance_to_viewer=2"
RECORD = f"dict({FULL}, description='A fox.')"
FOX = f"{FULL}, description='A fox.'"


def read(code):
    """The descriptions of the regions, and the diagnostics."""
    reading = read_code(code)
    assert reading.canvas is not None, reading.diagnostics
    descriptions = [region.description for region in reading.canvas.regions]
    return descriptions, [str(item) for item in reading.diagnostics]


def test_an_unknown_method_with_a_description_is_a_region():
    descriptions, said = read(f"{HEAD}canvas.add({FOX})")
    assert descriptions == ["A fox."]
    assert said == ["note: line 3: region 1: add(...) is read as add_local_description(...)"]


@pytest.mark.parametrize(
    "call",
    [
        f"canvas.add_object({FOX})",
        f"canvas.add(Region({FOX}))",
        f"canvas.regions.append(Region({FOX}))",
        "canvas.add('on the left', 'no offset', 'a small square area', 2, 'A fox.')",
        f"add({FOX})",
        f"canvas.draw({{'description': 'A fox.', {PLACE.replace('=', ': ')}}})",
        f"scene.add({FOX})",
        f"canvas.add_local_description(**{RECORD})",
        f"fox = {RECORD}\ncanvas.add_local_description(**fox)",
        f"fox = {RECORD}\ncanvas.add(fox)",
        f"fox = Region({FOX})\ncanvas.add_region(fox)",
        f"base = dict({FULL})\ncanvas.add(description='A fox.', **base)",
        "canvas.add(*['on the left', 'no offset', 'a small square area', 2], description='A fox.')",
        f"for fox in [{RECORD}]:\n    canvas.add_local_description(**fox)",
        f"foxes = []\nfoxes.append({RECORD})\nfor fox in foxes:\n    canvas.add(**fox)",
        f"canvas.add_local_description(name='A fox.', {FULL})",
        f"canvas.add_local_description({FULL}, prompt='A fox.')",
        f"if True:\n    canvas.add({FOX})",
        f"print(canvas.add({FOX}))",
        f"fox = canvas.add({FOX})",
        f"canvas.add_local_description(\n{FULL},\ndescription='A\nfox.')",
        f"canvas.add_local_description(\n{FULL},\ndescription: 'A fox.')",
        f"canvas.add_local_description(\n{FULL},\n'description'='A fox.')",
        f"canvas.add_local_description(\n{FULL},\n\"description\": 'A fox.')",
        f"canvas.add_local_description({FULL}, description='A ' f'{{\"fox\"}}.')".replace(
            "{\"fox\"}", "fox"
        ),
        f"kind = 'fox'\ncanvas.add_local_description({FULL}, description=f'A {{kind}}.')",
        f"kind = {{'name': 'fox'}}\ncanvas.add({FULL}, description=f'A {{kind[\"name\"]}}.')",
        f"kinds = ('fox',)\ncanvas.add({FULL}, description='A ' + kinds[0] + '.')",
        f"canvas.add_local_description（{FOX.replace('=', '＝').replace(',', '，')}）",
        f"canvas.add_local_description({FULL}, description=「A fox.」)",
        f"canvas.add_local_description({FULL}, description=\"A fox.', tags='red')",
        f"canvas.add_local_description({FULL}, description='A {{}}.'.format('fox'))",
        f"await canvas.add_local_description({FOX})",
        f"- Fox:\n* canvas.add_local_description({FOX})",
        f"1. Fox:\n`canvas.add_local_description({FOX})`",
        f"def fox(**fields):\n    canvas.add(**fields)\nfox({FOX})",
        f"def draw():\n    canvas.add({FOX})",
        f"def draw():\n    canvas.add({FOX})\n\ndraw()",
        f"def fox(kind, at=1):\n    canvas.add({FULL}, description=f'A {{kind}}.')\nfox('fox')",
        f"def add_region(c, k):\n  c.add({FULL}, description=k)\nadd_region(canvas, 'A fox.')",
        f"class Wood:\n    def draw(self):\n        self.canvas.add({FOX})\n",
        f"for number in range(1):\n  canvas.add({FOX})",
        f"for number, kind in enumerate(['fox']): canvas.add({FULL}, description=f'A {{kind}}.')",
        f"for kind in ['A fox.']:\ncanvas.add_local_description({FULL}, description=kind)",
    ],
)  # fmt: skip
def test_ways_of_adding_a_region(call):
    descriptions, _ = read(HEAD + call)
    assert descriptions == ["A fox."]


@pytest.mark.parametrize(
    "code",
    [
        f"Canvas().set_global_description('A wood.').add_local_description({FOX})",
        f"(Canvas()\n  .set_global_description('A wood.')\n  .add_local_description({FOX}))",
        f"canvas = Canvas() \\\n    .set_global_description('A wood.') \\\n    .add({FOX})",
        f"canvas = canvas()\ncanvas.set_global_description('A wood.')\ncanvas.add({FOX})",
        f"self.canvas = Canvas()\nself.canvas.set_global_description('A wood.')\n"
        f"self.canvas.add({FOX})",
        f"c: Canvas = omost.Canvas()\nc.set_global_description('A wood.')\nc.add({FOX})",
        f"canvas = Canvas(description='A wood.', regions=[{RECORD}])",
        f"canvas = Canvas()\ncanvas.set_scene(description='A wood.')\ncanvas.add({FOX})",
    ],
)
def test_ways_of_building_a_canvas(code):
    descriptions, _ = read(code)
    assert descriptions == ["A fox."]
    assert read_code(code).canvas.description == "A wood."


@pytest.mark.parametrize("mark", ["> ", ">>> ", "1 ", "12: "])
def test_marks_at_the_beginning_of_each_line(mark):
    code = f"{HEAD}canvas.add_local_description(\n    {FOX},\n)"
    descriptions, said = read("".join(f"{mark}{line}\n" for line in code.split("\n")))
    assert descriptions == ["A fox."]
    assert said == ["note: the mark or number at the beginning of each line is left out"]


@pytest.mark.parametrize(
    "call", [f"canvas.add_local_description[{FOX}]", f"canvas.add_local_description {FOX})"]
)
def test_calls_without_round_brackets_are_reported(call):
    reading = read_code(HEAD + call)
    assert reading.canvas is None
    assert "the code seems to add 1 of them" in reading.diagnostics[-1].message


def test_a_canvas_in_prose_is_an_error_of_its_own():
    reading = read_code("**Global Description:** a wood\n\n**Local Descriptions:**\n* a fox")
    assert [str(item) for item in reading.diagnostics] == [
        "error: the answer describes a canvas in prose; ask for canvas code"
    ]


def test_a_box_in_four_arguments():
    reading = read_code(f"{HEAD}canvas.add(x=10, y=20, width=30, height=40, description='A fox.')")
    assert reading.canvas.regions[0].box == Box(20, 60, 10, 40)


@pytest.mark.parametrize("details", ["[['One.'], ['Two.']]", "{'first': 'One.', 'second': 'Two.'}"])
def test_detailed_descriptions_in_other_containers(details):
    code = f"{HEAD}canvas.add_local_description({FOX}, detailed_descriptions={details})"
    assert read_code(code).canvas.regions[0].detailed_descriptions == ("One.", "Two.")


def test_a_loop_over_literals_is_unrolled():
    code = (
        f"{HEAD}colors = ['red', 'blue']\n"
        "for color, place in zip(colors, ['on the left', 'on the right']):\n"
        "    canvas.add_local_description(\n"
        "        location=place, offset='no offset', area='a small square area',\n"
        "        distance_to_viewer=1 + 1, description=f'A {color} fox.',\n"
        "        HTML_web_color_name=color)\n"
        "    canvas.add_local_description(\n"
        "        location=place, offset='no offset', area='a small square area',\n"
        "        distance_to_viewer=2, description=f'{color} snow')\n"
    )
    regions = read_code(code).canvas.regions
    assert read_code(code).diagnostics == ()
    assert [(region.description, region.place.location) for region in regions] == [
        ("A red fox.", "on the left"),
        ("red snow", "on the left"),
        ("A blue fox.", "on the right"),
        ("blue snow", "on the right"),
    ]
    assert regions[2].color == (0, 0, 255)


def test_a_loop_over_computed_values_is_reported():
    reading = read_code(f"{HEAD}for kind in load():\n    canvas.add({FULL}, description=kind)")
    assert reading.canvas is None
    problem = (
        "the loop runs over values that only executing the code would produce; its calls are read "
        "once"
    )
    assert [str(item) for item in reading.diagnostics if item.severity != "note"] == [
        f"warning: line 3: {problem}",
        f"error: line 3: no region can be read: {problem}",
        "warning: line 4: region 1: has no readable description; it is left out",
    ]


def test_a_call_of_the_canvas_without_a_description_is_reported():
    descriptions, said = read(f"{HEAD}canvas.add({FOX})\ncanvas.save('fox.png')\ncanvas.show()\n")
    assert descriptions == ["A fox."]
    assert said[1:] == [
        "warning: line 4: canvas.save(...) cannot be read: it is not a call of canvas code and has "
        "no description"
    ]


def test_calls_without_one_readable_region_are_an_error():
    reading = read_code(f"{HEAD}canvas.draw_fox('red')\ncanvas.draw_fox('blue')")
    assert reading.canvas is None
    assert str(reading.diagnostics[1]) == (
        "error: line 3: no region can be read: canvas.draw_fox(...) cannot be read: it is not a "
        "call of canvas code and has no description"
    )


@pytest.mark.parametrize(
    ("box", "expected", "message"),
    [
        ("[10, 20, 30, 40]", Box(20, 60, 10, 40), None),
        ("{'x': 10, 'y': 20, 'width': 30, 'height': 40}", Box(20, 60, 10, 40), None),
        ("['10', '20', '30', '40']", Box(20, 60, 10, 40), None),
        ("[60, 20, 80, 40]", Box(20, 40, 60, 80), "it is read as [left, top, right, bottom]"),
        ("[60, 20, 40, 10]", Box(20, 30, 60, 90), "its box is clipped to the canvas"),
        ("[0.5, 0, 0.5, 1.0]", Box(0, 90, 45, 90), "its box is read as fractions of the canvas"),
    ],
)
def test_the_dialect_with_boxes(box, expected, message):
    code = f"{HEAD}canvas.add_local_description(bbox={box}, distance_to_viewer=2, description='A.')"
    reading = read_code(code)
    assert reading.canvas.regions[0].box == expected
    assert [message in item.message for item in reading.diagnostics] == [True] * bool(message)


@pytest.mark.parametrize("box", ["[1, 2, 3]", "[300, 200, 100, 100]", "[1, 2, 0, 3]", "'left'"])
def test_a_box_that_cannot_be_read_leaves_the_named_place(box):
    reading = read_code(f"{HEAD}canvas.add_local_description({FULL}, bbox={box}, description='A.')")
    assert reading.canvas.regions[0].place.location == "on the left"
    assert "its box must be [x, y, width, height]" in reading.diagnostics[0].message


@pytest.mark.parametrize(
    ("name", "tags", "message"),
    [
        ("fox", "red", "its name repeats its description; it is left out"),
        ("Reynard", "Reynard, red", "its name is added to its tags"),
    ],
)
def test_the_name_of_a_region(name, tags, message):
    reading = read_code(f"{HEAD}canvas.add_local_description({FOX}, tags='red', name='{name}')")
    assert reading.canvas.regions[0].tags == tags
    assert [item.message for item in reading.diagnostics] == [f"region 1: {message}"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("HTML_web_color_name=red", (255, 0, 0), "has no quotes; it is read as 'red'"),
        ("HTML_web_color_name=dark red", (139, 0, 0), "repaired missing quotes"),
        ("HTML_web_color_name=#ff0000", (255, 0, 0), "repaired missing quotes"),
        ("HTML_web_color_name=['red', 'white']", (255, 0, 0), "is a list; it is read as one"),
    ],
)
def test_colours_without_quotes(field, value, message):
    reading = read_code(f"{HEAD}canvas.add_local_description({FOX}, {field})")
    assert reading.canvas.regions[0].color == value
    assert message in str(reading.diagnostics[0])


@pytest.mark.parametrize(
    ("call", "repair"),
    [
        (f"canvas.add_local_description({FOX}))", "an extra closing bracket"),
        (f"canvas.add_local_description（{FOX}）", "full-width punctuation"),
        (f"canvas.add_local_description({FULL}, description: 'A fox.')", "a colon in place of an"),
        (f"canvas.add_local_description({FULL},\ndescription='A\n  fox.')", "a line break inside"),
    ],
)
def test_repairs_are_reported(call, repair):
    descriptions, said = read(HEAD + call)
    assert descriptions == ["A fox."]
    assert [repair in line for line in said] == [True]


def test_a_later_canvas_without_regions_is_reported_when_an_earlier_one_is_used():
    descriptions, said = read(f"{HEAD}canvas.add({FOX})\n{HEAD}canvas.add({FULL})")
    assert descriptions == ["A fox."]
    assert "warning: line 6: no region can be read: canvas.add(...) cannot be read" in " ".join(
        said
    )
