"""The specification's own transcript: what the language model really answered."""

from pathlib import Path

import pytest

from lib_omost.canvas import files
from lib_omost.canvas.code_reader import read_code, write_code
from lib_omost.canvas.model import Box

SHARED = Path(__file__).parents[3] / "shared"
pytestmark = pytest.mark.skipif(
    not SHARED.exists(), reason="the specification's transcript is not beside this checkout"
)


@pytest.fixture(scope="module")
def transcript():
    return (SHARED / "seeds" / "004_3dfdd9699a1916b8.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def answers(transcript):
    parts = transcript.split("### Assistant (model response)")[1:]
    return [parts[0].split("### User")[0], parts[1].split("(User can")[0]]


@pytest.mark.parametrize(("answer", "regions"), [(0, 5), (1, 6)])
def test_both_answers_are_read_without_a_word(answers, answer, regions):
    reading = read_code(answers[answer])
    assert reading.diagnostics == ()
    assert len(reading.canvas.regions) == regions
    assert all(region.detailed_descriptions for region in reading.canvas.regions)


def test_the_last_region_of_the_second_answer(answers):
    region = read_code(answers[1]).canvas.regions[-1]
    assert region.description == "Meteorites crashing into the ground."
    assert region.box == Box(0, 50, 40, 90)
    assert region.color == (178, 34, 34)
    assert len(region.detailed_descriptions) == 5


def test_an_apostrophe_in_it_is_text(answers):
    region = read_code(answers[0]).canvas.regions[1]
    assert "the dinosaur’s attacks" in region.detailed_descriptions[1]


def test_the_whole_page_gives_the_last_answer(transcript, answers):
    reading = read_code(transcript)
    assert reading.canvas == read_code(answers[1]).canvas
    assert [item.severity for item in reading.diagnostics] == ["note"]


def test_the_answers_survive_every_form(answers):
    for answer in answers:
        canvas = read_code(answer).canvas
        assert read_code(write_code(canvas)).canvas == canvas
        assert files.read(files.to_json(canvas)).canvas == canvas
        comfy = files.to_comfy(canvas)
        assert files.to_comfy(files.read(comfy).canvas) == comfy


def test_the_answer_cut_anywhere_keeps_what_was_complete(answers):
    answer = answers[1]
    whole = read_code(answer).canvas
    starts = [i for i in range(len(answer)) if answer.startswith("canvas.add_local", i)]
    for length in range(starts[0], len(answer), 97):
        reading = read_code(answer[:length])
        complete = max(0, sum(start < length for start in starts) - 1)
        assert reading.canvas.regions[:complete] == whole.regions[:complete]
        assert len(reading.canvas.regions) in (complete, complete + 1)
