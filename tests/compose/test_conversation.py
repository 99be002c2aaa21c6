import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.compose.conversation import Conversation, ConversationError, Turn, fits
from lib_omost.compose.conversation_json import from_json, to_json
from lib_omost.llm.model_notation import CODE

CENTER = Place("in the center", "no offset", "a large square area")
CAT = Canvas(description="a sofa", regions=(Region(description="a cat", place=CENTER),))
DOG = Canvas(description="a sofa", regions=(Region(description="a dog", place=CENTER),))


def code(canvas: Canvas) -> str:
    return f"```python\n{formats.to_code(canvas)}```"


TALK = Conversation((Turn("a cat", code(CAT)), Turn("a dog instead", code(DOG), seed=4)))


def test_it_is_told_as_turns() -> None:
    talk = Conversation().add_request("a cat").answer("canvas").add_request("a dog instead")
    assert talk.messages("You compose.") == (
        {"role": "system", "content": "You compose."},
        {"role": "user", "content": "a cat"},
        {"role": "assistant", "content": "canvas"},
        {"role": "user", "content": "a dog instead"},
    )
    assert Conversation().add_request("a cat").messages("") == (
        {"role": "user", "content": "a cat"},
    )


def test_the_canvas_on_the_page_stands_in_place_of_the_last_answer() -> None:
    bird = Canvas(description="a sofa", regions=(Region(description="a bird", place=CENTER),))
    assert TALK.add_request("smaller", page=formats.to_text(bird)).messages("") == (
        {"role": "user", "content": "a cat"},
        {"role": "assistant", "content": code(CAT)},
        {"role": "user", "content": "a dog instead"},
        {"role": "assistant", "content": code(bird)},
        {"role": "user", "content": "smaller"},
    )


def test_its_canvas_is_the_newest_that_can_be_read() -> None:
    assert TALK.canvas == DOG
    assert TALK.add_request("smaller").answer("I am sorry.").canvas == DOG
    assert Conversation().canvas is None


def test_an_answer_that_leaves_parts_out_is_applied_to_the_canvas_before_it() -> None:
    bird = Region(description="a bird", place=Place("on the top"))
    partial = f"# ... rest unchanged\n{formats.to_code(Canvas(description='', regions=(bird,)))}"
    talk = TALK.add_request("add a bird")
    assert talk.finish(partial).canvas == Canvas(description="a sofa", regions=(*DOG.regions, bird))
    assert talk.read_answer(partial, CODE).diagnostics[-1].severity == "warning"
    alone = Conversation().add_request("a bird").finish(partial)
    assert alone.canvas is None
    assert alone.turns[-1].answer == partial


def test_a_diff_is_applied_to_the_canvas_on_the_page() -> None:
    diff = "```diff\n-    description='a cat',\n+    description='a fox',\n```"
    talk = TALK.add_request("a fox", page=formats.to_text(CAT)).finish(diff)
    assert talk.canvas.regions[0].description == "a fox"
    assert from_json(to_json(talk)).canvas == talk.canvas


def test_thinking_is_stored_beside_the_answer_and_not_sent_back() -> None:
    talk = Conversation().add_request("a cat").finish(code(CAT), thinking="A cat?")
    marked = Conversation().add_request("a cat").finish(f"<think>A cat?</think>\n{code(CAT)}")
    assert talk == marked
    assert talk.turns[-1].thinking == "A cat?"
    assert from_json(to_json(talk)) == talk
    sent = [message["content"] for message in talk.add_request("a dog").messages("")]
    assert sent == ["a cat", code(CAT), "a dog"]
    assert talk.retry().turns[-1].thinking == ""


def test_thinking_in_a_chat_of_an_earlier_version_is_not_sent_back() -> None:
    old = Conversation((Turn("a cat", f"<think>A cat?</think>{code(CAT)}"), Turn("a dog")))
    assert old.messages("")[1]["content"] == code(CAT)


def test_retry_asks_the_same_with_the_next_seed() -> None:
    assert TALK.retry().turns[-1] == Turn("a dog instead", "", seed=5)


def test_an_edited_request_begins_anew_from_there() -> None:
    assert TALK.edit(0, "a bird").turns == (Turn("a bird"),)
    assert TALK.edit(1, "a bird too").turns == (TALK.turns[0], Turn("a bird too", seed=4))


def test_condensed_keeps_the_newest_canvas_and_what_is_asked_now() -> None:
    talk = TALK.add_request("add a lamp").condensed()
    assert [turn.request for turn in talk.turns] == ["add a lamp"]
    assert talk.canvas == DOG
    assert TALK.condensed() == Conversation()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: Conversation().retry(), "has no turns"),
        (lambda: Conversation().answer("x"), "has no turns"),
        (lambda: TALK.edit(2, "x"), "no turn 3 of 2"),
        (lambda: TALK.add_request(" "), "request is empty"),
        (lambda: Conversation().add_request("a cat").condensed(), "no answer holds a canvas"),
        (lambda: from_json("{"), "no exported conversation"),
        (lambda: from_json("[]"), "no exported conversation"),
        (lambda: from_json('{"format": "omost conversation"}'), 'list of "turns"'),
        (lambda: from_json('{"format": "omost conversation", "turns": [{}]}'), "turn 1"),
        (
            lambda: from_json(
                '{"format": "omost conversation", "turns": [{"request": "a", "seed": "b"}]}'
            ),
            "turn 1: an answer is a text and a seed a whole number",
        ),
    ],
)
def test_what_cannot_be_done_is_said(change, message) -> None:
    with pytest.raises(ConversationError, match=message):
        change()


@given(st.lists(st.builds(Turn, st.text(), st.text(), st.integers())))
def test_an_export_comes_back(turns: list[Turn]) -> None:
    talk = Conversation(tuple(turns))
    assert from_json(to_json(talk)) == talk


def test_a_prompt_fits_where_an_answer_still_does() -> None:
    assert fits(6800, 8000)
    assert not fits(6801, 8000)
