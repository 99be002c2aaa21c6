from dataclasses import replace

from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.edits import OPERATIONS, apply_edits
from lib_omost.canvas.model import Box, Canvas, Region
from lib_omost.canvas.plans.box_words import DEPTHS, SIZES, WHERE
from lib_omost.canvas.plans.position_phrases import PhraseParser
from lib_omost.llm import plan_prompt, system_prompt
from lib_omost.llm.prompt_examples import example_words

BOAT = Region(
    description="A red boat.",
    place=Box(60, 90, 0, 40),
    color=(255, 0, 0),
    distance_to_viewer=2.0,
)


def test_the_prompts_name_every_word_of_the_vocabulary() -> None:
    for word in (*WHERE, *SIZES):
        assert word in plan_prompt.plan_prompt(0)
    for word in (*WHERE, *SIZES, *DEPTHS):
        assert word in plan_prompt.edit_prompt()


def test_there_is_an_example_of_every_operation() -> None:
    used = {edit["op"] for edits in plan_prompt.EDIT_EXAMPLES.values() for edit in edits}
    assert used == set(OPERATIONS)


def test_the_example_edits_can_be_applied() -> None:
    others = (replace(BOAT, place=Box(0, 30, 50, 90)), replace(BOAT, distance_to_viewer=5.0))
    canvas = Canvas(description="A bay.", regions=(BOAT, *others))
    for edits in plan_prompt.EDIT_EXAMPLES.values():
        diagnostics = DiagnosticCollector()
        assert apply_edits(canvas, edits, diagnostics) != canvas
        assert not diagnostics.items


def test_a_canvas_is_listed_with_numbers() -> None:
    canvas = Canvas(description="A bay.", color=(0, 0, 128), regions=(BOAT, BOAT))
    assert plan_prompt.list_canvas(canvas) == (
        "picture: A bay. color: navy\n"
        "1: A red boat. color: red, bottom left, front\n"
        "2: A red boat. color: red, bottom left, front"
    )


def test_the_phrases_of_the_example_plans_name_their_things() -> None:
    for picture, things in plan_prompt.EXAMPLES.values():
        plan = plan_prompt.example_plan(picture, things)
        parser = PhraseParser([thing["thing"] for thing in plan["things"]])
        for index, thing in enumerate(plan["things"]):
            position = parser.parse(thing["where"], index)
            assert bool(position.sides or position.relations) == (thing["where"] != "anywhere")


def test_the_words_of_the_examples() -> None:
    words = example_words(plan_prompt.plan_prompt())
    assert {"kayaks", "iceberg", "puffin", "walrus", "balalaika"} <= words
    assert not words & {"orange", "photo", "left", "picture", "things", "the"}
    assert example_words(plan_prompt.plan_prompt(0)) == frozenset()
    assert {"walrus", "fez", "tusks"} <= example_words(system_prompt.code_prompt())
    assert example_words("") == frozenset()
