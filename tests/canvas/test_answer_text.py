"""Thinking, channels, turns and marks around the answer of a model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.answer_text import split_answer

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
        ("<THINK>\nA {cat}?\n</THINK>\n\n{1}", "A {cat}?", "{1}"),
        ("Hm. <think>A cat?</think>{1}", "A cat?", "Hm. {1}"),
        ("<think>A</think><think> cat?</think>{1}", "A cat?", "{1}"),
        ("<think>A < b", "A < b", ""),
        ("<think></think>{1}", "", "{1}"),
        ("A {cat}?</think>{1}", "A {cat}?", "{1}"),
        ("<thinking>A cat?</thinking>{1}", "A cat?", "{1}"),
        ("<reasoning>A cat?</reasoning>{1}", "A cat?", "{1}"),
        ("[THINK]A cat?[/THINK]{1}", "A cat?", "{1}"),
        ("◁think▷A cat?◁/think▷{1}", "A cat?", "{1}"),
        ("<|channel>thought\nA cat?<channel|>{1}", "A cat?", "{1}"),
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
    parts = split_answer(text)
    assert (parts.thinking.strip(), parts.answer.strip()) == (thinking, answer)


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("Okay<think>A {cat}?", "A {cat}?", "Okay"),
        ("<think>Close with </think> first.</think>{1}", "Close with  first.", "{1}"),
        ("<think>A</think>{1}<think>Fine?</think>Done.", "AFine?", "{1}Done."),
        ("<|START_THINKING|>A cat?<|END_THINKING|>{1}", "A cat?", "{1}"),
        ("Thinking...\nA cat?\n...done thinking.\n\n{1}", "A cat?", "{1}"),
        ("&lt;think&gt;A cat?&lt;/think&gt;{1}", "A cat?", "{1}"),
        ("analysis A cat?\nassistantcommentary to=functions.canvas json{1}", "A cat?",
         "to=functions.canvas json{1}"),
        ("<|channel|>final <|constrain|>json<|message|>{1}<|return|>", "", "{1}"),
        ("canvas.add('a <think> b </think>')", "", "canvas.add('a <think> b </think>')"),
        ("It is assistantfinally {1}", "", "It is assistantfinally {1}"),
        ("a < b, c > d, [see below], <b>{1}</b>", "", "a < b, c > d, [see below], <b>{1}</b>"),
    ],
)  # fmt: skip
def test_marks_of_other_families(text, thinking, answer):
    parts = split_answer(text)
    assert (parts.thinking.strip(), parts.answer.strip()) == (thinking, answer)


@pytest.mark.parametrize(
    ("text", "answer", "message"),
    [
        ("{1}<|im_end|>", "{1}", "the token '<|im_end|>' is left out"),
        ("{1}</s>", "{1}", "the token '</s>' is left out"),
        ("{1}<｜end▁of▁sentence｜>", "{1}", "the token '<｜end▁of▁sentence｜>' is left out"),
        ("a=&#39;b&#39;", "a='b'", "HTML entities are read as characters"),
        ("{&amp;quot;a&amp;quot;: 1}", '{"a": 1}', "HTML entities are read as characters"),
        ("set\\_global(\\[1\\])", "set_global([1])", "the backslashes of Markdown are left out"),
    ],
)
def test_leftovers_of_chats_and_pages_are_removed_and_reported(text, answer, message):
    parts = split_answer(text)
    assert (parts.answer, parts.notes) == (answer, {message: 1})


@pytest.mark.parametrize("text", ["Tom &amp; Jerry", "a \\(cat\\)", "x = 'a &quot; b'"])
def test_texts_keep_their_own_entities_and_backslashes(text):
    assert split_answer(text).answer == text


def test_only_the_turns_of_the_assistant_belong_to_a_transcript():
    text = "<|im_start|>user\n{0}<|im_end|>\n<|im_start|>assistant\n{1}<|im_end|>"
    assert split_answer(text).answer.strip() == "{1}"


def test_a_turn_that_the_model_invents_for_the_user_is_left_out():
    parts = split_answer(
        "{1}<|im_end|>\n<|im_start|>user\nNo!<|im_end|>\n<|im_start|>assistant\n{2}"
    )
    assert parts.answer.strip() == "{1}"
    assert list(parts.warnings.values()) == [2]


def test_notes_name_the_line_of_the_mark():
    assert split_answer("A <b> cat\n\n<think>A\n</think>{1}\n</s>").notes == {
        "the thinking before the answer is left out": 3,
        "the token '</s>' is left out": 5,
    }


PIECES = st.sampled_from(
    ["<think>", "</think>", "\n", "a", "{", "'", "<", "&quot;", "=", "<|channel|>", "analysis",
     "<|message|>", "<|im_start|>", "user", "<|im_end|>", "assistantfinal", "\\_", "[THINK]"]
)  # fmt: skip


@given(st.lists(PIECES).map("".join) | st.text())
def test_every_part_keeps_the_lines_of_the_text(text):
    parts = split_answer(text)
    assert parts.answer.count("\n") == text.count("\n")
    assert parts.thinking == "" or parts.thinking.count("\n") == text.count("\n")
