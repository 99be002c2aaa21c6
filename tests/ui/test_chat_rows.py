"""The rows of the chat and their Markdown."""

from __future__ import annotations

import pytest

from lib_omost.compose.conversation import Turn
from lib_omost.ui.chat_rows import chat_rows, code_block
from tests.page.scripted import code

TWO = code("boat (red)", "lighthouse")


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("canvas = Canvas()", "```python\ncanvas = Canvas()\n```"),
        ('{"regions": []}', '```json\n{"regions": []}\n```'),
        ("```python\ncanvas = Canvas()\n```", "```python\ncanvas = Canvas()\n```"),
        ("Here it is.", "Here it is."),
    ],
)
def test_a_bare_canvas_is_shown_as_code(answer, shown):
    assert code_block(answer) == shown


def test_an_answer_begins_with_how_many_regions_it_has():
    turns = [Turn("a boat", TWO), Turn("what?", "A boat."), Turn("one", code("boat"))]
    two, none, one = (answer for _, answer in chat_rows(turns))
    assert two == f"**2 regions**\n\n```python\n{TWO}\n```"
    assert none == "A boat."
    assert one.startswith("**1 region**\n\n")


def test_thinking_is_folded_above_the_answer():
    thinking = '<details class="omost-thinking"><summary>Thinking: {}</summary>{}</details>\n\n'
    turns = [Turn("a cat", "Meow.", thinking="A <b>?\n\n# No"), Turn("b", thinking="Hm.")]
    first, second = chat_rows(turns)
    assert first[1] == thinking.format("4 words", "A &lt;b&gt;?<br><br># No") + "Meow."
    assert second[1] == thinking.format("1 word", "Hm.")


def test_a_turn_without_an_answer_shows_its_request():
    assert chat_rows([Turn("a boat")]) == [("a boat", None)]
