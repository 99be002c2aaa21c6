"""Counts the tokens of a canvas's texts for the editor and assigns the texts to bags."""

from __future__ import annotations

import functools
import threading
from pathlib import Path
from typing import Any

from lib_omost.canvas.model import Canvas, DescribedPart, Region, Syntax
from lib_omost.canvas.prompt_texts import normalise
from lib_omost.text.bags import MAX_BAG_TOKENS, ConditionBags, greedy_bags
from lib_omost.text.prefix_paths import prompt_paths
from lib_omost.text.prompt_syntax import PromptSyntaxError, parse_emphasis
from lib_omost.text.sub_prompt import CountTokens, SubPrompt
from lib_omost.ui.editor_warnings import far_to_near

CLIP_TOKENIZER = Path(__file__).parents[1] / "models" / "clip_tokenizer"
"""The tokenizer of SD1, SD2 and SDXL."""

_LOADING = threading.Lock()
"""Two threads that import transformers at the same time can see it half imported."""


def clip_counter() -> CountTokens | None:
    """Returns a function that counts CLIP tokens, or None without the package transformers.

    Textual inversions of the host are counted by their names.
    """
    with _LOADING:
        return _load_counter()


@functools.cache
def _load_counter() -> CountTokens | None:
    try:
        from transformers import CLIPTokenizer
    except ImportError:
        return None
    tokenizer = CLIPTokenizer.from_pretrained(CLIP_TOKENIZER)

    @functools.lru_cache(maxsize=10_000)
    def count(sub_prompt: SubPrompt) -> int:
        plain = sub_prompt.syntax == "plain"
        pieces = [(sub_prompt.text, 1.0)] if plain else parse_emphasis(sub_prompt.text)
        return sum(
            len(tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
            for text, _ in pieces
        )

    return count


def token_counts(
    canvas: Canvas,
    count_tokens: CountTokens,
    *,
    canvas_text: Syntax = "plain",
    common_prefix: SubPrompt | None = None,
    with_global_prefix: bool = True,
) -> dict[str, Any]:
    """Counts the tokens of a canvas's texts as the text encoder gets them.

    Args:
        canvas: The canvas.
        count_tokens: Counts the tokens of a sub-prompt.
        canvas_text: Syntax of the canvas's texts, as in `prompt_paths`.
        common_prefix: Text of the prompt box for every region, as in `prompt_paths`.
        with_global_prefix: Regions begin with the global description, as in `prompt_paths`.

    Returns:
        most: The most tokens of a bag.
        parts: The whole picture and the regions in the order of the text, each with the tokens of
            its fields and its bags (tokens and texts). Hidden regions have no bags.
        problem: The reason why the texts cannot be encoded, "" for none. `parts` then has no bags.
    """
    problem = ""
    baggings: list[ConditionBags | None] = [None] * (len(canvas.regions) + 1)
    try:
        paths = prompt_paths(
            canvas,
            canvas_text=canvas_text,
            common_prefix=common_prefix,
            with_global_prefix=with_global_prefix,
        )
        order = [0, *(number + 1 for number in far_to_near(canvas))]
        for number, path in zip(order, paths, strict=True):
            baggings[number] = greedy_bags(path, count_tokens)
    except (PromptSyntaxError, ValueError) as error:
        problem = str(error)
    parts = [
        {"fields": _fields(part, count_tokens), "bags": _bags(bagging, count_tokens)}
        for part, bagging in zip((canvas, *canvas.regions), baggings, strict=True)
    ]
    return {"most": MAX_BAG_TOKENS, "parts": parts, "problem": problem}


def _fields(part: DescribedPart, count_tokens: CountTokens) -> dict[str, Any]:
    def tokens(text: str) -> int:
        text = normalise(text)
        return count_tokens(SubPrompt(text, part.syntax)) if text else 0

    names = ["description", "tags"]
    names += ["atmosphere", "style", "quality_meta"] if isinstance(part, Region) else []
    details = [tokens(text) for text in part.detailed_descriptions]
    return {name: tokens(getattr(part, name)) for name in names} | {
        "detailed_descriptions": details
    }


def _bags(bagging: ConditionBags | None, count_tokens: CountTokens) -> list[dict[str, Any]]:
    if bagging is None:
        return []
    return [
        {
            "tokens": sum(map(count_tokens, bag)),
            "texts": [sub_prompt.text for sub_prompt in bag],
        }
        for bag in bagging.bags
    ]
