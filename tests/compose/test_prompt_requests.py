"""What a language model is asked for by the prompts of a job's images."""

from __future__ import annotations

import pytest

from lib_omost.compose.conversation import Conversation
from lib_omost.compose.prompt_requests import RequestError, orders, request_of
from lib_omost.compose.request import ComposeRequest

ORDER = ComposeRequest(Conversation(), model="smollm2", top_p=0.5)


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
    assert request_of(prompt) == request_


def test_each_image_has_its_own_prompt_and_seed():
    asked = orders(ORDER, ["a boat", "a cat <lora:ink:1>"], [7, 8])
    turns = [order.conversation.turns for order in asked]
    assert [(turn.request, turn.seed) for (turn,) in turns] == [("a boat", 7), ("a cat", 8)]
    assert {(order.model, order.top_p) for order in asked} == {("smollm2", 0.5)}


def test_a_fixed_seed_is_every_image_s():
    asked = orders(ORDER, ["a boat", "a boat"], [7, 8], seed=3)
    assert asked[0] == asked[1]
    assert asked[0].conversation.turns[0].seed == 3


def test_a_prompt_that_asks_for_nothing_is_refused():
    with pytest.raises(RequestError, match=r"^the prompt of picture 2 says nothing that a canvas"):
        orders(ORDER, ["a boat", "<lora:ink:1>"], [7, 8])
    with pytest.raises(RequestError, match=r"^the prompt says nothing"):
        orders(ORDER, [""], [7])


def test_several_prompts_in_one_are_refused():
    with pytest.raises(RequestError, match="AND in the prompt joins several"):
        orders(ORDER, ["a boat AND a cat"], [7])
