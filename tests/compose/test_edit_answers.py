"""A model that writes edits sees the numbered canvas and changes only what it names."""

from lib_omost.canvas import formats
from lib_omost.canvas.model import Box, Canvas, Region
from lib_omost.compose.conversation import Conversation
from lib_omost.llm.model_notation import CODE, PLAN
from lib_omost.llm.plan_prompt import edit_prompt

CAT = Region(description="A cat.", place=Box(1, 50, 2, 40), color=(1, 2, 3), extra={"kept": 1})
DOG = Region(description="A dog.", place=Box(40, 90, 50, 90))
ROOM = Canvas(description="A room.", regions=(CAT, DOG))
REMOVE = '{"edits": [{"op": "remove", "region": 2}]}'

ASKED = Conversation().add_request("no dog", page=formats.to_text(ROOM))


def test_a_new_canvas_is_asked_for_with_the_prompt_of_plans() -> None:
    assert Conversation().add_request("a cat").messages("Plan.", PLAN) == (
        {"role": "system", "content": "Plan."},
        {"role": "user", "content": "a cat"},
    )


def test_a_change_is_asked_for_with_the_numbered_canvas_and_the_last_request() -> None:
    messages = ASKED.messages("Plan.", PLAN)
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[0]["content"] == edit_prompt()
    assert "1: A cat." in messages[2]["content"]
    assert "2: A dog." in messages[2]["content"]
    assert messages[3]["content"] == "Request: no dog"


def test_edits_are_applied_to_the_canvas_on_the_page() -> None:
    answered = ASKED.finish(REMOVE, PLAN)
    assert answered.turns[-1].answer == REMOVE
    assert answered.canvas == Canvas(description="A room.", regions=(CAT,))
    again = answered.add_request("no cat").finish(REMOVE.replace("2", "1"), PLAN)
    assert again.canvas == Canvas(description="A room.")


def test_edits_that_cannot_be_applied_leave_the_canvas_and_are_reported() -> None:
    wrong = REMOVE.replace("2", "7")
    assert ASKED.finish(wrong, PLAN).canvas == ROOM
    assert [str(item) for item in ASKED.read_answer(wrong, PLAN).diagnostics] == [
        "warning: there is no region 7; the edit is left out"
    ]


def test_edits_without_a_canvas_are_refused() -> None:
    alone = Conversation().add_request("no dog")
    assert alone.finish(REMOVE, PLAN).canvas is None
    assert "send the canvas along" in str(alone.read_answer(REMOVE, PLAN).diagnostics[-1])


def test_a_whole_canvas_is_accepted_where_edits_were_asked_for() -> None:
    rewritten = formats.to_json(Canvas(description="A room.", regions=(CAT,)))
    assert ASKED.finish(rewritten, PLAN).canvas is not None


def test_other_models_rewrite_the_canvas() -> None:
    assert ASKED.messages("Compose.", CODE)[0]["content"] == "Compose."
    assert ASKED.finish(REMOVE, CODE).turns[-1].canvas is None
