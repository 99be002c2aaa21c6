"""Whole answers of language models: our own conversation, and Omost's transcript if it is there."""

import pytest

from lib_omost.canvas import formats
from lib_omost.canvas.code_reader import read_code, write_code
from lib_omost.canvas.model import Box
from tests.transcripts import TRANSCRIPTS

LAST_REGION = {
    "ours": ("Paper lanterns drifting over the roofs.", Box(0, 50, 40, 90), (178, 34, 34)),
    "omost": ("Meteorites crashing into the ground.", Box(0, 50, 40, 90), (178, 34, 34)),
}
APOSTROPHES = {"ours": "the cook’s pan", "omost": "the dinosaur’s attacks"}


@pytest.fixture(params=TRANSCRIPTS, ids=lambda transcript: transcript.name)
def transcript(request):
    return request.param


@pytest.mark.parametrize(("answer", "regions"), [(0, 5), (1, 6)])
def test_both_answers_are_read_without_diagnostics(transcript, answer, regions):
    reading = read_code(transcript.answers[answer])
    assert reading.diagnostics == ()
    assert len(reading.canvas.regions) == regions
    assert all(region.detailed_descriptions for region in reading.canvas.regions)


def test_the_last_region_of_the_second_answer_is_read_completely(transcript):
    region = read_code(transcript.answers[1]).canvas.regions[-1]
    assert (region.description, region.box, region.color) == LAST_REGION[transcript.name]
    assert len(region.detailed_descriptions) == 5


def test_a_typographic_apostrophe_is_text(transcript):
    regions = read_code(transcript.answers[0]).canvas.regions
    texts = [text for region in regions for text in region.detailed_descriptions]
    assert any(APOSTROPHES[transcript.name] in text for text in texts)


def test_the_text_of_the_whole_conversation_gives_the_last_canvas(transcript):
    reading = read_code(transcript.text)
    assert reading.canvas == read_code(transcript.answers[1]).canvas
    assert [item.severity for item in reading.diagnostics] == ["note"]


def test_the_answers_survive_a_round_trip_through_every_format(transcript):
    for answer in transcript.answers:
        canvas = read_code(answer).canvas
        assert read_code(write_code(canvas)).canvas == canvas
        assert formats.read(formats.to_json(canvas)).canvas == canvas
        comfy = formats.to_comfy(canvas)
        assert formats.to_comfy(formats.read(comfy).canvas) == comfy


def test_an_answer_truncated_anywhere_keeps_its_complete_regions(transcript):
    answer = transcript.answers[1]
    whole = read_code(answer).canvas
    starts = [i for i in range(len(answer)) if answer.startswith("canvas.add_local", i)]
    for length in range(starts[0], len(answer), 97):
        reading = read_code(answer[:length])
        complete = max(0, sum(start < length for start in starts) - 1)
        assert reading.canvas.regions[:complete] == whole.regions[:complete]
        assert len(reading.canvas.regions) in (complete, complete + 1)
