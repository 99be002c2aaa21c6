"""Whole answers of language models in bags, counted with CLIP's tokenizer."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import CLIPTokenizer

import lib_omost
from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.model import Canvas
from lib_omost.text.bags import greedy_bags
from lib_omost.text.prefix_paths import PromptPath, prompt_paths
from lib_omost.text.sub_prompt import SubPrompt
from tests.transcripts import TRANSCRIPTS, Transcript

TOKENIZER = Path(lib_omost.__file__).parent / "models" / "clip_tokenizer"

Count = Callable[[SubPrompt], int]

# Bags of each prefix path of both answers.
BAGS = {
    "ours": [[5, 5, 5, 4, 5, 4], [5, 5, 5, 6, 5, 6, 4]],
    "omost": [[4, 5, 5, 5, 5, 5], [5, 4, 5, 7, 5, 5, 5]],
}
# Bags of both answers if a sub-prompt that is too long were cut off instead of split.
BAGS_WITH_CUTS = {"ours": [27, 36], "omost": [29, 35]}
# Sub-prompts that are split, in the order of the notes.
SPLIT = {
    "ours": ["region 5", "region 4", "the whole picture", "region 6", "region 4"],
    "omost": ["region 4", "the whole picture", "region 5", "region 4"],
}


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(TOKENIZER, local_files_only=True)


@pytest.fixture(scope="module")
def count(tokenizer: CLIPTokenizer) -> Count:
    def count_tokens(sub_prompt: SubPrompt) -> int:
        return len(tokenizer(sub_prompt.text, add_special_tokens=False).input_ids)

    return functools.cache(count_tokens)


@pytest.fixture(params=TRANSCRIPTS, ids=lambda transcript: transcript.name)
def transcript(request: pytest.FixtureRequest) -> Transcript:
    return request.param


@pytest.fixture
def answers(transcript: Transcript) -> list[Canvas]:
    readings = [read_code(answer) for answer in transcript.answers]
    return [reading.canvas for reading in readings if reading.canvas is not None]


def test_known_ids(tokenizer: CLIPTokenizer) -> None:
    assert len(tokenizer) == 49_408
    assert tokenizer("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]


def bags_of(path: PromptPath, count: Count) -> int:
    return len(greedy_bags(path, count).bags)


def bags_with_cuts(path: PromptPath, count: Count) -> int:
    """Greedy bags if a sub-prompt that is too long had one bag to itself and were cut off there."""
    prefix_tokens = sum(map(count, path.prefixes))
    bags, used = 1, prefix_tokens
    for tokens in map(count, path.suffixes):
        if used > prefix_tokens and used + tokens >= 75:
            bags, used = bags + 1, prefix_tokens
        used += tokens
    return bags


def test_bags_of_both_answers(transcript: Transcript, answers: list[Canvas], count: Count) -> None:
    assert [len(canvas.regions) for canvas in answers] == [5, 6]
    paths = [prompt_paths(canvas) for canvas in answers]
    bags = [[bags_of(path, count) for path in some] for some in paths]
    assert bags == BAGS[transcript.name]
    # Cutting off would save a bag here and there, and lose words.
    cut = [sum(bags_with_cuts(path, count) for path in some) for some in paths]
    assert cut == BAGS_WITH_CUTS[transcript.name]


def test_every_split_sub_prompt_is_noted(
    transcript: Transcript, answers: list[Canvas], count: Count
) -> None:
    notes = [
        str(note)
        for canvas in answers
        for path in prompt_paths(canvas)
        for note in greedy_bags(path, count).notes
    ]
    split = SPLIT[transcript.name]
    assert len(notes) == len(split)
    assert all(note.startswith(f"note: {place}") for note, place in zip(notes, split, strict=True))
    assert all("split between commas" in note for note in notes)


def test_every_bag_is_one_pass_of_the_encoder(answers: list[Canvas], count: Count) -> None:
    for canvas in answers:
        for path in prompt_paths(canvas):
            for bag in greedy_bags(path, count).bags:
                assert sum(map(count, bag)) < 75
                assert bag[: len(path.prefixes)] == path.prefixes


def test_a_bag_tokenised_in_one_go_has_the_tokens_of_its_sub_prompts(
    answers: list[Canvas], tokenizer: CLIPTokenizer
) -> None:
    def ids(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False).input_ids)

    for path in prompt_paths(answers[0]):
        bag = (*path.prefixes, *path.suffixes)
        apart = [token for sub_prompt in bag for token in ids(sub_prompt.text)]
        assert ids(" ".join(sub_prompt.text for sub_prompt in bag)) == apart
