from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.llm.repetition import (
    LOOP_WINDOW_CHARACTERS,
    MIN_LOOP_CHARACTERS,
    MIN_REPEATS,
    PENALTY,
    RepetitionPenalty,
    has_loop,
    periodic_tail,
)
from tests.transcripts import TRANSCRIPTS

ROOT = Path(__file__).parents[2]
EXAMPLES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "examples").iterdir())}
REAL = EXAMPLES | {transcript.name: transcript.text for transcript in TRANSCRIPTS}

REGION = """canvas.add_local_description(
    location='on the left',
    offset='no offset',
    area='a small square area',
    distance_to_viewer=1.0,
    description='A red circle.',
    detailed_descriptions=['It is round.', 'It is red.'],
    tags='circle, red',
    atmosphere='Calm.',
    style='Flat.',
    quality_meta='Clean.',
    HTML_web_color_name='red',
)

"""


def slow_periodic_tail(items, repeats, shortest):
    """Implements the definition of a periodic tail directly."""
    for length in range(max(shortest, 1), len(items) + 1):
        tail = items[len(items) - length :]
        for period in range(1, length // repeats + 1):
            if tail[period:] == tail[:-period]:
                return period
    return None


@given(
    st.lists(st.integers(0, 2), max_size=40), st.integers(2, 4), st.integers(2, 12)
)  # few values, so that tails do repeat
def test_the_period_is_the_definitions(items, repeats, shortest):
    assert periodic_tail(items, repeats, shortest) == slow_periodic_tail(items, repeats, shortest)


@given(st.text(max_size=500), st.text(min_size=1, max_size=800), st.data())
def test_a_piece_over_and_over_is_a_loop_wherever_it_is_cut(before, piece, data):
    times = max(MIN_REPEATS, -(-MIN_LOOP_CHARACTERS // len(piece)))
    cut = data.draw(st.integers(0, len(piece)))
    assert has_loop(before + piece * times + piece[:cut])


@given(st.text("abc", max_size=60), st.integers(2, 4), st.integers(3, 12))
def test_what_is_found_does_repeat(text, repeats, shortest):
    period = periodic_tail(text, repeats, shortest)
    if period is not None:
        tail = text[-max(shortest, repeats * period) :]
        assert tail[period:] == tail[:-period]


@pytest.mark.parametrize("name", REAL)
def test_no_beginning_of_a_real_answer_is_a_loop(name):
    text = REAL[name]
    assert not [end for end in range(50, len(text), 50) if has_loop(text[:end])]


def test_a_region_may_be_written_twice_and_not_three_times():
    assert not has_loop("canvas = Canvas()\n" + REGION * 2)
    assert has_loop("canvas = Canvas()\n" + REGION * 3)


@pytest.mark.parametrize(
    "text", ["", "a", "=" * (MIN_LOOP_CHARACTERS - 1), "lake, " * 39, " " * 60]
)
def test_rulers_indents_and_short_lists_are_none(text):
    assert not has_loop(text)


def test_a_loop_that_has_ended_is_none():
    assert not has_loop("round and " * 100 + "then it stops.")


def test_only_the_end_of_a_long_text_is_looked_at():
    assert not has_loop(("x" * LOOP_WINDOW_CHARACTERS).join("ab"))
    assert has_loop("".join(map(str, range(50_000))) + "so on " * 60)


def test_repeated_token_sequences_are_penalised():
    penalty, scores = RepetitionPenalty(), torch.zeros(1, 10)
    prompt = [1, 2, 3, 4]
    assert torch.equal(penalty(torch.tensor([prompt]), scores), scores)
    for token in (5, 6, 7, 8, 5, 6):
        prompt.append(token)
        assert torch.equal(penalty(torch.tensor([prompt]), scores), scores)
    prompt.append(7)  # after 5, 6, 7 came 8
    assert penalty(torch.tensor([prompt]), scores)[0].tolist() == [0] * 8 + [-PENALTY, 0]


def test_the_prompt_may_be_repeated():
    penalty, scores = RepetitionPenalty(), torch.zeros(1, 10)
    prompt = [1, 2, 3, 4]
    penalty(torch.tensor([prompt]), scores)
    again = torch.tensor([[*prompt, 1, 2, 3]])
    assert torch.equal(penalty(again, scores), scores)
