"""What models and people get wrong: what becomes of it, and what is said about it."""

import pytest

from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.model import Box, Canvas, Place

PLACE = "location='on the left', offset='no offset', area='a small square area'"
FULL = f"{PLACE}, distance_to_viewer=2"


def read(arguments, method="add_local_description"):
    """The one region of a canvas, and what was said."""
    text = f"canvas.set_global_description('A.')\ncanvas.{method}({arguments})"
    reading = read_code(text)
    region = reading.canvas.regions[0] if reading.canvas else None
    return region, [str(item) for item in reading.diagnostics]


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("‘A cat.’", "A cat."),
        ("“A cat.”", "A cat."),
        ("“The cat’s 'toy', here.”", "The cat’s 'toy', here."),
        ("‘The dogs’ bed, and the cat’s.’", "The dogs’ bed, and the cat’s."),
        ("„A cat.“", "A cat."),
        ("'A cat.’", "A cat."),
        ('‘Say "hi".’', 'Say "hi".'),
    ],
)
def test_typographic_quotes_as_delimiters(description, text):
    region, said = read(f"{FULL}, description={description}, tags='a'")
    assert (region.description, region.tags) == (text, "a")
    assert said == ["note: line 2: region 1: repaired typographic quotes"]


def test_a_typographic_apostrophe_inside_a_text_is_text():
    region, said = read(f"{FULL}, description='The dinosaur’s “attacks”.'")
    assert region.description == "The dinosaur’s “attacks”."
    assert said == []


@pytest.mark.parametrize(
    ("arguments", "description", "repair"),
    [
        ("description='The cat's toy.', tags='a'", "The cat's toy.", "quotes inside a text"),
        ('description="A "big" cat.", tags=\'a\'', 'A "big" cat.', "quotes inside a text"),
        ("description='A cat.,\ntags='a'", "A cat.", "a closing quote"),
        ("description='A cat.'\ntags='a'", "A cat.", "a comma"),
        ("description='A cat.' tags='a'", "A cat.", "a comma"),
        (
            "description='A cat.', detailed_descriptions=['b',\ntags='a'",
            "A cat.",
            "a closing bracket",
        ),
        ("description='A cat.'], tags='a'", "A cat.", "brackets that do not match"),
    ],
)
def test_broken_python_is_repaired(arguments, description, repair):
    region, said = read(f"{FULL}, {arguments}")
    assert (region.description, region.tags) == (description, "a")
    assert [f"repaired {repair}" in line for line in said] == [True]


def test_a_missing_bracket_costs_neither_this_call_nor_the_next():
    call = f"canvas.add_local_description({FULL}, description="
    text = f"{call}'A.'\n\n{call}'B.')"
    canvas = read_code(text).canvas
    assert [region.description for region in canvas.regions] == ["A.", "B."]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("color='red'", "note: line 2: region 1: field 'color' is read as 'HTML_web_color_name'"),
        ("html_web_color_name='red'", "is read as 'HTML_web_color_name'"),
        ("HTML_web_color_name='rred'", "note: line 2: region 1: colour 'rred' is read as 'red'"),
        (
            "HTML_web_color_name='lovely red'",
            "warning: line 2: region 1: colour 'lovely red' is read",
        ),
        ("HTML_web_color_name=[255, 0, 0]", None),
    ],
)
def test_colour_arguments_are_repaired(arguments, message):
    region, said = read(f"{FULL}, description='A cat.', {arguments}")
    assert region.color == (255, 0, 0)
    assert [message in line for line in said] == [True] * bool(message)


@pytest.mark.parametrize("color", ["'glass'", "[1, 2]", "[1, 2, 256]", "None + 1", "1e999"])
def test_an_unreadable_colour_becomes_grey(color):
    region, said = read(f"{FULL}, description='A cat.', HTML_web_color_name={color}")
    assert region.color == (128, 128, 128)
    assert len(said) == 1
    assert said[0].startswith("warning: line 2: region 1: ")


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("mood='happy'", "'mood' is not a known field; it is ignored"),
        ("**more", "a ** argument is computed; it is ignored"),
        ("tags='a', tags='b'", "tags is set twice; the last value is used"),
        ("syntax='wild'", "syntax must be 'plain' or 'webui', not 'wild'"),
    ],
)
def test_unknown_arguments_are_ignored_and_reported(field, message):
    region, said = read(f"{FULL}, description='A cat.', {field}")
    assert region.description == "A cat."
    assert [message in line for line in said] == [True]


def test_too_many_positional_arguments_are_reported():
    texts = (
        "'on the top', 'no offset', 'a large square area', 1, 'A cat.', [], 'a', '', '', '', 'red'"
    )
    region, said = read(f"{texts}, 'more', *x")
    assert region.place == Place("on the top", "no offset", "a large square area")
    assert said == [
        "warning: line 2: region 1: argument 12 is ignored",
        "warning: line 2: region 1: argument 13 is ignored",
    ]


@pytest.mark.parametrize(
    ("distance", "value", "message"),
    [
        ("'2.5'", 2.5, "note: line 2: region 1: distance_to_viewer is written as a text"),
        ("-1", 1, "must be a number above 0, not -1; 1 is assumed"),
        ("0", 1, "must be a number above 0"),
        ("1e999", 1, "must be a number above 0, not inf"),
        ("'nan'", 1, "must be a number above 0, not 'nan'"),
        ("9" * 400, 1, "not inf"),
        ("'by the moon'", 1, "not 'by the moon'"),
        ("'close'", 1, "warning: line 2: region 1: distance_to_viewer 'close' is read as 1, a gu"),
        ("'far away'", 10, "distance_to_viewer 'far away' is read as 10, a guess"),
        ("'3 m'", 3, "note: line 2: region 1: distance_to_viewer is written as a text"),
        ("[4]", 4, "note: line 2: region 1: distance_to_viewer is a list; it is read as one"),
        ("None", 1, "distance_to_viewer is missing; 1 is assumed"),
        ("True", 1, "not True"),
        ("5 / 2", 2.5, None),
        ("float('2')", 2, None),
        ("2 ** 3", 1, "is computed"),
        ("1 / 0", 1, "is computed"),
        ("+3", 3, None),
    ],
)
def test_distance_arguments_are_repaired(distance, value, message):
    region, said = read(f"{PLACE}, description='A cat.', distance_to_viewer={distance}")
    assert region.distance_to_viewer == value
    if message is None:
        assert said == []
    else:
        assert any(message in line for line in said)


@pytest.mark.parametrize(
    ("details", "texts", "message"),
    [
        ("'One.'", ("One.",), "is one text, not a list; it is read as a list of one"),
        ("('One.', 'Two.')", ("One.", "Two."), None),
        ("['One.', 2, x, 'Two.']", ("One.", "Two."), "item 2 of detailed_descriptions is 2, not a"),
        ("None", (), None),
        ("7", (), "must be a list of texts, not 7"),
        ("[f'{x}', 'One.']", ("One.",), "item 1 of detailed_descriptions is computed"),
    ],
)
def test_detailed_description_arguments_are_repaired(details, texts, message):
    region, said = read(f"{FULL}, description='A cat.', detailed_descriptions={details}")
    assert region.detailed_descriptions == texts
    assert bool(said) == bool(message)
    assert message is None or message in said[0]


@pytest.mark.parametrize(
    ("tags", "text"), [("['a', 'b']", "a, b"), ("5", "5"), ("{}", ""), ("x + 'a'", "")]
)
def test_a_text_of_another_type_is_reported(tags, text):
    region, said = read(f"{FULL}, description='A cat.', tags={tags}")
    assert region.tags == text
    assert "tags" in said[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (f"{FULL}, description=words()", "has no readable description; it is left out"),
        (f"{FULL}, description=f'a {{x}}'", "has no readable description; it is left out"),
        (FULL, "has no readable description; it is left out"),
        (f"{FULL}, 'A cat.'", "cannot be read: its syntax is not valid Python"),
        ("1 2 3", "cannot be read: its syntax is not valid Python"),
    ],
)  # fmt: skip
def test_a_canvas_whose_only_region_has_no_readable_description_is_an_error(arguments, message):
    region, said = read(arguments)
    assert region is None
    warning, error = said
    assert message in warning
    assert error.startswith("error: line 2: no region can be read: region 1: ")


def test_a_region_without_a_readable_description_is_left_out():
    text = COMPLETE + f"canvas.add_local_description({FULL}, description=words())"
    reading = read_code(text)
    assert [region.description for region in reading.canvas.regions] == ["A cat."]
    assert [str(item) for item in reading.diagnostics] == [
        "warning: line 3: region 2: has no readable description; it is left out"
    ]


@pytest.mark.parametrize(
    ("arguments", "description", "field"),
    [
        ("detailed_descriptions=['A cat.', 'It sleeps.']", "A cat.", "detailed_descriptions"),
        ("description=None, tags='cat, tail'", "cat, tail", "tags"),
    ],
)
def test_other_texts_take_the_place_of_a_missing_description(arguments, description, field):
    region, said = read(f"{FULL}, {arguments}")
    assert region.description == description
    assert said == [
        f"warning: line 2: region 1: has no readable description; {field} take its place"
    ]


@pytest.mark.parametrize(
    ("location", "name", "message"),
    [
        ("1", "in the center", "location must be a place's name, not 1; 'in the center' is assum"),
        ("None", "in the center", "location is missing; 'in the center' is assumed"),
        ("f(1)", "in the center", "location is computed, not a literal"),
        ("['top', 'left']", "on the top-left", "location is a list; it is read as one value"),
        ("'在左边'", "on the left", "location '在左边' is read as 'on the left'"),
    ],
)
def test_a_location_that_is_no_text_costs_no_region(location, name, message):
    region, said = read(f"{PLACE.replace(chr(39) + 'on the left' + chr(39), location)}, "
                        "distance_to_viewer=2, description='A cat.'")  # fmt: skip
    assert region.place.location == name
    assert any(message in line for line in said)


def test_a_region_that_covers_the_whole_canvas():
    region, said = read(f"{FULL.replace('on the left', 'in the background')}, description='Sea.'")
    assert region.place == Box(0, 90, 0, 90)
    assert said == [
        "note: line 2: region 1: location 'in the background' is read as 'the whole canvas'",
        "warning: line 2: region 1: it covers the whole canvas; its area is left out",
    ]


def test_an_unknown_place_is_guessed_and_a_missing_one_too():
    region, said = read("location='by the moon', offset='no offset', description='A cat.'")
    assert region.place == Place("in the center", "no offset", "a medium-sized square area")
    assert said == [
        "warning: line 2: region 1: location 'by the moon' is unknown; 'in the center' is assumed",
        "warning: line 2: region 1: area is missing; 'a medium-sized square area' is assumed",
        "warning: line 2: region 1: distance_to_viewer is missing; 1 is assumed",
    ]


def test_corrections_of_places_are_reported_with_their_lines():
    text = (
        "canvas.set_global_description('A.')\n"
        "canvas.add_local_description(\n"
        "    location='on the lower-right',\n"
        "    offset='slightly to the top-right',\n"
        "    area='a big square area',\n"
        "    distance_to_viewer=1,\n"
        "    description='A cat.',\n"
        ")"
    )
    reading = read_code(f"Prose’s first line.\n```python\n{text}\n```")
    assert reading.canvas.regions[0].place == Place(
        "on the bottom-right", "slightly to the upper-right", "a large square area"
    )
    assert [str(item) for item in reading.diagnostics] == [
        "note: line 5: region 1: location 'on the lower-right' is read as 'on the bottom-right'",
        "note: line 6: region 1: offset 'slightly to the top-right' is read as "
        "'slightly to the upper-right'",
        "note: line 7: region 1: area 'a big square area' is read as 'a large square area'",
    ]


def test_diagnostics_name_the_original_lines_after_repairs():
    text = (
        "canvas.set_global_description(\r\n"
        "    description=“It’s\tdawn.”,  # ’\r\n"
        "    tags='''two\r\nlines''',\r\n"
        "    HTML_web_color_name=‘glass’,\r\n"
        ")"
    )
    reading = read_code(text)
    assert (reading.canvas.description, reading.canvas.tags) == ("It’s\tdawn.", "two\nlines")
    assert [item.line for item in reading.diagnostics] == [2, 5]


COMPLETE = (
    "canvas.set_global_description('A.')\n"
    f"canvas.add_local_description({FULL}, description='A cat.')\n"
)


@pytest.mark.parametrize(
    ("cut", "kept"),
    [
        (
            f"{FULL}, description='A dog.', detailed_descriptions=['One.', 'Tw",
            ("A dog.", ("One.",)),
        ),
        (f"{FULL}, description='A dog.', detailed_descriptions=['On", ("A dog.", ())),
        (f"{FULL}, description='A dog.', tags='a, b", ("A dog.", ())),
        (f"{FULL}, description='A dog.', tags='the dog’s bone, and its", ("A dog.", ())),
        (f"{FULL}, description='A dog.', tags='the dog's bone, and its", ("A dog.", ())),
        (f"{FULL}, description='A dog.', tags=", ("A dog.", ())),
        (f"{FULL}, description='A dog.', ta", ("A dog.", ())),
        (f"{FULL}, description='A dog.',", ("A dog.", ())),
        (f"{FULL}, description='A dog.'", ("A dog.", ())),
        (f"{FULL}, description='A dog.", None),
        (f"{FULL}, description='A dog ' 'and", None),
        (f"{FULL}, desc", None),
        (f"{PLACE}", None),
        ("location='on the le", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\n```\n"])
def test_the_complete_arguments_of_a_truncated_call_are_read(cut, kept, end):
    reading = read_code(f"```python\n{COMPLETE}canvas.add_local_description({cut}{end}")
    assert isinstance(reading.canvas, Canvas)
    first, *rest = reading.canvas.regions
    assert first.description == "A cat."
    assert [(r.description, r.detailed_descriptions) for r in rest] == ([kept] if kept else [])
    assert all(r.tags == "" for r in rest)
    cut_at = [item for item in reading.diagnostics if "cut" in item.message]
    assert cut_at
    assert cut_at[0].line == 4


def test_the_missing_arguments_of_a_truncated_call_are_reported():
    call = f"canvas.add_local_description({FULL}, description='A dog.', detailed_descriptions=['A"
    said = str(read_code(COMPLETE + call).diagnostics[0])
    assert said == (
        "warning: line 3: region 2: the call is cut off before its closing bracket; its "
        "incomplete last item is left out; missing: detailed_descriptions, tags, atmosphere, "
        "style, quality_meta, HTML_web_color_name"
    )


@pytest.mark.parametrize(
    "value",
    ["-" * 4000 + "1", "1" + "+1" * 2000, "x" + ".x" * 2000, "not " * 900 + "1", "9" * 4900],
)
def test_very_long_expressions_are_ignored(value):
    text = f"{COMPLETE}canvas.add_local_description({PLACE}, description='B.', tags={value})"
    assert [region.tags for region in read_code(text).canvas.regions] in (
        [""],
        ["", ""],
        ["", "2001"],
    )


def test_a_truncated_number_is_not_read():
    call = f"canvas.add_local_description({PLACE}, description='A dog.', distance_to_viewer=1"
    reading = read_code(COMPLETE + call)
    assert reading.canvas.regions[1].distance_to_viewer == 1.0
    assert any("distance_to_viewer is missing" in str(item) for item in reading.diagnostics)


def test_regions_without_a_global_description_are_read():
    reading = read_code(f"canvas.add_local_description({FULL}, description='A cat.')")
    assert reading.canvas.description == ""
    assert "there is no global description" in str(reading.diagnostics[0])


def test_the_last_of_two_global_descriptions_is_used():
    reading = read_code("canvas.set_global_description('A.')\ncanvas.set_global_description('B.')")
    assert reading.canvas == Canvas(description="B.")
    assert [str(item) for item in reading.diagnostics] == [
        "warning: line 2: the global description is set twice; the last one is used"
    ]


def test_surrogate_pairs_written_as_escapes_become_one_character():
    region, _ = read(rf"{FULL}, description='A \ud83d\ude00 and \ud83d.'")
    assert region.description == "A 😀 and \ufffd."


def test_invalid_escapes_are_read_as_text():
    region, _ = read(rf"{FULL}, description='C:\users \x9 \q'")
    assert region.description == r"C:\users \x9 \q"
