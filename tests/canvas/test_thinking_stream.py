"""The thinking of reasoning models, apart from the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.thinking_stream import AnswerPart, ThinkingSplitter

HARMONY = (
    "<|channel|>analysis<|message|>A cat?<|end|><|start|>assistant<|channel|>final<|message|>{1}"
)
TOOL = (
    "<|channel|>analysis<|message|>A cat?<|end|><|start|>assistant<|channel|>commentary "
    "to=functions.canvas <|constrain|>json<|message|>{1}"
)


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("{1}", "", "{1}"),
        ("<think>A cat?</think>{1}", "A cat?", "{1}"),
        ("<THINK>\nA {cat}?\n</THINK>\n\n{1}", "\nA {cat}?\n", "\n\n{1}"),
        ("Hm. <think>A cat?</think>{1}", "A cat?", "Hm. {1}"),
        ("<think>A</think><think> cat?</think>{1}", "A cat?", "{1}"),
        ("<think>A < b", "A < b", ""),
        ("<think></think>{1}", "", "{1}"),
        ("<thinking>A cat?</thinking>{1}", "A cat?", "{1}"),
        ("<reasoning>A cat?</reasoning>{1}", "A cat?", "{1}"),
        ("[THINK]A cat?[/THINK]{1}", "A cat?", "{1}"),
        ("◁think▷A cat?◁/think▷{1}", "A cat?", "{1}"),
        ("<|channel>thought\nA cat?<channel|>{1}", "thought\nA cat?", "{1}"),
        (HARMONY, "A cat?", "{1}"),
        (HARMONY.replace("<|end|>", ""), "A cat?", "{1}"),
        (TOOL, "A cat?", "{1}"),
        ("<|channel|>final<|message|>{1}", "", "{1}"),
        ("analysisThe user wants a cat.assistantfinal{1}", "The user wants a cat.", "{1}"),
        ("analysis of a cat: {1}", "", "analysis of a cat: {1}"),
        ('{"tags": "the sign <think>"}', "", '{"tags": "the sign <think>"}'),
        ("canvas.add('<think>')", "", "canvas.add('<think>')"),
    ],
)
def test_thinking_and_answer(text, thinking, answer):
    splitter = ThinkingSplitter()
    parts = [*splitter.add(text), *splitter.finish()]
    assert "".join(part.text for part in parts if part.is_thinking) == thinking
    assert "".join(part.text for part in parts if not part.is_thinking) == answer


def test_pieces_are_split_as_they_come():
    splitter = ThinkingSplitter()
    assert splitter.add("<thi") == []
    assert splitter.add("nk>A cat") == [AnswerPart("A cat", is_thinking=True)]
    assert splitter.add("?</") == [AnswerPart("?", is_thinking=True)]
    assert splitter.add("think>{") == [AnswerPart("{", is_thinking=False)]
    assert splitter.add('"<') == [AnswerPart('"<', is_thinking=False)]
    assert splitter.finish() == []


def test_words_without_marks_wait_for_their_ends():
    splitter = ThinkingSplitter()
    assert splitter.add("analysis") == []
    assert splitter.add("The cat.assist") == [AnswerPart("The cat.", is_thinking=True)]
    assert splitter.add("antfinal{1}") == [AnswerPart("{1}", is_thinking=False)]


def test_a_text_that_begins_within_thinking():
    splitter = ThinkingSplitter(thinking=True)
    parts = [*splitter.add("A cat?</think>{1}"), *splitter.finish()]
    assert parts == [AnswerPart("A cat?", is_thinking=True), AnswerPart("{1}", is_thinking=False)]


MARKS = st.sampled_from(
    ["<think>", "</think>", "[THINK]", "[/THINK]", "Cat", "{", "<", "<|channel|>",
     "analysis<|message|>", "final<|message|>", "<|end|>"]
)  # fmt: skip


@given(st.lists(MARKS).map("".join), st.data())
def test_the_parts_do_not_depend_on_the_pieces(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)))))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, divided = ThinkingSplitter(), ThinkingSplitter()
    expected = [*whole.add(text), *whole.finish()]
    parts = [part for piece in pieces for part in divided.add(piece)] + divided.finish()
    for is_thinking in (True, False):
        joined = ["".join(p.text for p in some if p.is_thinking is is_thinking)
                  for some in (expected, parts)]  # fmt: skip
        assert joined[0] == joined[1]
