"""The specification's own transcript, counted with CLIP's tokenizer."""

from __future__ import annotations

import functools
import re
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

TOKENIZER = Path(lib_omost.__file__).parent / "models" / "clip_tokenizer"
SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

Count = Callable[[SubPrompt], int]


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(TOKENIZER, local_files_only=True)


@pytest.fixture(scope="module")
def count(tokenizer: CLIPTokenizer) -> Count:
    def count_tokens(sub_prompt: SubPrompt) -> int:
        return len(tokenizer(sub_prompt.text, add_special_tokens=False).input_ids)

    return functools.cache(count_tokens)


@pytest.fixture(scope="module")
def answers() -> list[Canvas]:
    """The canvases of the transcript's two answers."""
    (seed,) = list(SEEDS.glob("004_*.txt")) or [None]
    if seed is None:
        pytest.skip("the specification's transcript is not beside this checkout")
    text = seed.read_text(encoding="utf-8")
    fences = re.findall(r"^```python\n# Initialize.*?^```", text, re.MULTILINE | re.DOTALL)
    readings = [read_code(fence) for fence in fences]
    return [reading.canvas for reading in readings if reading.canvas is not None]


def test_known_ids(tokenizer: CLIPTokenizer) -> None:
    assert len(tokenizer) == 49_408
    assert tokenizer("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]


def bags_of(path: PromptPath, count: Count) -> int:
    return len(greedy_bags(path, count).bags)


def unsplit_bags_of(path: PromptPath, count: Count) -> int:
    """Greedy bags when a sub-prompt that is too long has one to itself and is cut off there."""
    taken = sum(map(count, path.prefixes))
    bags, used = 1, taken
    for tokens in map(count, path.suffixes):
        if used > taken and used + tokens >= 75:
            bags, used = bags + 1, taken
        used += tokens
    return bags


def test_bags_of_both_answers(answers: list[Canvas], count: Count) -> None:
    assert [len(canvas.regions) for canvas in answers] == [5, 6]
    paths = [prompt_paths(canvas) for canvas in answers]
    assert [[bags_of(path, count) for path in some] for some in paths] == [
        [4, 5, 5, 5, 5, 5],
        [5, 4, 5, 7, 5, 5, 5],
    ]
    # Cutting off what is too long would save one bag of the second answer, and lose words.
    assert [sum(unsplit_bags_of(path, count) for path in some) for some in paths] == [29, 35]


def test_what_is_said_about_both_answers(answers: list[Canvas], count: Count) -> None:
    notes = [
        str(note)
        for canvas in answers
        for path in prompt_paths(canvas)
        for note in greedy_bags(path, count).notes
    ]
    assert [re.sub(r"'.*", "", note) for note in notes] == [
        "note: region 3 (",
        "note: the whole picture: ",
        "note: region 4 (",
        "note: region 3 (",
    ]
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
