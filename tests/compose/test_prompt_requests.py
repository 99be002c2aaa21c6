"""What a language model is asked for by the prompts of a job's images."""

from __future__ import annotations

import pytest

from lib_omost.compose.prompt_requests import (
    PromptRequestError,
    request_from_prompt,
    requests_from_prompts,
)
from lib_omost.compose.settings import ComposeSettings

SETTINGS = ComposeSettings("qwen2.5-coder-1.5b", top_p=0.5)


@pytest.mark.parametrize(
    ("prompt", "request_"),
    [
        ("a red boat", "a red boat"),
        ("a red boat, <lora:ink:0.8>", "a red boat"),
        ("<hypernet:x:1> a boat", "a boat"),
        ("a (red:1.3) [boat] at (dawn)", "a red boat at dawn"),
        (r"a boat \(old\)", "a boat (old)"),
        ("a boat BREAK\n at dawn", "a boat at dawn"),
        (" , <lora:ink:1>", ""),
    ],
)
def test_the_words_of_a_prompt(prompt, request_):
    assert request_from_prompt(prompt) == request_


def test_each_image_has_its_own_prompt_and_seed():
    asked = requests_from_prompts(SETTINGS, ["a boat", "a cat <lora:ink:1>"], [7, 8])
    turns = [order.conversation.turns for order in asked]
    assert [(turn.request, turn.seed) for (turn,) in turns] == [("a boat", 7), ("a cat", 8)]
    assert {order.settings for order in asked} == {SETTINGS}


def test_a_fixed_seed_is_every_image_s():
    asked = requests_from_prompts(SETTINGS, ["a boat", "a boat"], [7, 8], seed=3)
    assert asked[0] == asked[1]
    assert asked[0].conversation.turns[0].seed == 3


def test_a_prompt_that_asks_for_nothing_is_refused():
    with pytest.raises(PromptRequestError, match=r"^the prompt of picture 2 has no words"):
        requests_from_prompts(SETTINGS, ["a boat", "<lora:ink:1>"], [7, 8])
    with pytest.raises(PromptRequestError, match=r"^the prompt has no words"):
        requests_from_prompts(SETTINGS, [""], [7])


def test_several_prompts_in_one_are_refused():
    with pytest.raises(PromptRequestError, match="AND in the prompt joins several"):
        requests_from_prompts(SETTINGS, ["a boat AND a cat"], [7])
