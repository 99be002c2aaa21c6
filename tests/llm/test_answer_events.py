"""A model's text as events: thinking, answer, and the end of both."""

import pytest

from lib_omost.llm.answer_events import (
    CANVAS_IN_THINKING,
    NO_ANSWER,
    ONLY_THINKING,
    AnswerEvents,
    template_arguments,
)
from lib_omost.llm.engine import Done, Text, Thinking

CANVAS = (
    '{"description": "A cat.", "regions": [{"description": "A cat.", "location": "on the left"}]}'
)


def events_of(*pieces, end=None, **options):
    events = []
    answer = AnswerEvents(events.append, **options)
    for piece in pieces:
        if isinstance(piece, Thinking):
            answer.add_thinking(piece.text)
        else:
            answer.add(piece)
    last = answer.finish(end or Done("finished", len(pieces)))
    return [*events, last]


def test_marks_in_the_text_make_thinking():
    assert events_of("<think>A ", "cat?", "</think>\n\n", "{", "}") == [
        Thinking("A "),
        Thinking("cat?"),
        Text("{"),
        Text("}"),
        Done("finished", 3, thinking_tokens=2),
    ]


def test_a_prompt_that_opened_the_thinking():
    events = events_of("A cat?</think>{}", thinking=True)
    assert events == [Thinking("A cat?"), Text("{}"), Done("finished", 0, thinking_tokens=1)]


def test_tokens_that_a_server_counts():
    end = Done("finished", 90, thinking_tokens=70)
    assert events_of(Thinking("A cat?"), "{}", end=end)[-1] == Done("finished", 20, (), 70)


def test_a_canvas_in_the_thinking_alone_is_the_answer():
    thinking, text, end = events_of(Thinking(CANVAS))
    assert (thinking, text) == (Thinking(CANVAS), Text(CANVAS))
    assert end.remarks == (CANVAS_IN_THINKING,)


def test_prose_around_a_canvas_in_the_thinking_is_left_out():
    events = events_of(Thinking(f"A cat? {CANVAS} Good."))
    (text,) = (event.text for event in events if isinstance(event, Text))
    assert text.startswith("canvas = Canvas()")
    assert "Good." not in text


def test_a_canvas_without_regions_in_the_thinking_is_no_answer():
    draft = Thinking('I could write {"description": "A cat."}.')
    assert events_of(draft)[-1] == NO_ANSWER


def test_edits_in_the_thinking_alone_are_the_answer():
    edits = '{"edits": [{"remove": 2}]}'
    assert events_of(Thinking(edits))[1] == Text(edits)


def test_a_restricted_answer_in_the_thinking_is_the_answer():
    assert events_of(Thinking("remove 2"), is_restricted=True)[1] == Text("remove 2")


def test_the_answer_is_preferred_to_a_canvas_in_the_thinking():
    assert events_of(Thinking(CANVAS), "no")[1] == Text("no")


@pytest.mark.parametrize(
    ("reason", "last"),
    [
        ("length", ONLY_THINKING),
        ("repetition", ONLY_THINKING),
        ("finished", NO_ANSWER),
        ("cancelled", Done("cancelled", 0, thinking_tokens=1)),
    ],
)
def test_thinking_without_an_answer(reason, last):
    assert events_of(Thinking("A cat?"), end=Done(reason, 1)) == [Thinking("A cat?"), last]


def test_an_empty_answer_without_thinking():
    assert events_of(end=Done("length", 0)) == [Done("length", 0)]


def test_arguments_of_chat_templates():
    assert template_arguments("automatic") == {}
    assert template_arguments("off") == {"enable_thinking": False, "thinking": False}
    assert template_arguments("low")["reasoning_effort"] == "low"
