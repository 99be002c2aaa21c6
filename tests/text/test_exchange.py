"""Export to ComfyUI_omost's JSON and back gives the same bags."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib_omost.canvas import formats
from lib_omost.canvas.code_writer import CanvasWriteError
from lib_omost.canvas.model import Box, Canvas, Region
from lib_omost.text.bags import Bag, greedy_bags
from lib_omost.text.prefix_paths import PromptPath, prompt_paths
from lib_omost.text.prompt_syntax import PromptSyntaxError
from lib_omost.text.sub_prompt import SubPrompt
from tests.canvas.strategies import any_color, boxes, canvases, places
from tests.text.counting import count_words

ENDS = ["", "night", ".", "..", ",", ", .", "!", "?", "\u00a0", "\u3000", "\t", "\n", " "]
marked = st.lists(st.sampled_from(ENDS) | st.text("ab .,!?", max_size=3)).map("".join)
marked_canvases = canvases(places | boxes, any_color, st.just({}), marked)


def bags(canvas: Canvas) -> list[tuple[Bag, ...]] | None:
    """Returns the bags of each condition, or None if their prompt syntax is refused."""
    try:
        return [greedy_bags(path, count_words).bags for path in prompt_paths(canvas)]
    except PromptSyntaxError:
        return None


def written_bags(text: str) -> list[tuple[Bag, ...]]:
    """Returns the bags of the file's texts without normalisation, as ComfyUI_omost builds them."""

    def sub_prompts(texts: list[str], syntax: str) -> Bag:
        return tuple(SubPrompt(text, syntax) for text in texts)

    whole, *_ = items = json.loads(text)
    lead = len(whole["prefixes"])
    paths = [
        PromptPath(
            sub_prompts(item["prefixes"][:lead], whole.get("syntax", "plain"))
            + sub_prompts(item["prefixes"][lead:], item.get("syntax", "plain")),
            sub_prompts(item["suffixes"], item.get("syntax", "plain")),
        )
        for item in items
    ]
    return [greedy_bags(path, count_words).bags for path in paths]


@given(marked_canvases | canvases(places | boxes, any_color, st.just({})))
@example(
    Canvas(description="night..", detailed_descriptions=(", .", ". a cat", "It is!", "Is it?"))
)
def test_the_exported_file_gives_the_same_bags(canvas: Canvas) -> None:
    try:
        text = formats.to_comfy(canvas)
    except CanvasWriteError:
        return
    read = formats.read(text).canvas
    assert read is not None
    assert bags(read) == bags(canvas)
    assert bags(canvas) in (None, written_bags(text))


@pytest.mark.parametrize(
    ("written", "exported"),
    [("night..", "night."), (", . a cat", "a cat."), ("Is it? It is!", "Is it? It is!.")],
)
def test_the_exported_file_contains_normalised_sub_prompts(written: str, exported: str) -> None:
    region = Region(description=written, place=Box(0, 90, 0, 90), tags=written)
    text = formats.to_comfy(Canvas(description=", .", regions=(region,)))
    assert f'"prefixes": ["{exported}"], "suffixes": ["{exported}"]' in text
