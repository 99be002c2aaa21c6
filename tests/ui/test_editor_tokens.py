"""Counting with CLIP's own tokenizer, which ships."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

from lib_omost.text.sub_prompt import SubPrompt
from lib_omost.ui.editor_tokens import clip_counter


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("A photo of a cat.", 6), ("harbour, dawn, mist.", 6), ("", 0)],
)
def test_tokens_are_clip_s(text, tokens):
    assert clip_counter()(SubPrompt(text)) == tokens


def test_emphasis_counts_only_where_it_is_emphasis():
    count = clip_counter()
    assert count(SubPrompt("a (cat:1.3).", "webui")) == count(SubPrompt("a cat.", "webui"))
    assert count(SubPrompt("a (cat:1.3).", "plain")) > count(SubPrompt("a cat.", "plain"))
