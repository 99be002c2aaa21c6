"""The chat's handlers, with a composer that writes what a test says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lib_omost.canvas import formats
from lib_omost.compose.conversation import Conversation
from lib_omost.compose.conversation_json import from_json, to_json
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.model_notation import PLAN
from lib_omost.ui.chat_actions import ChatActions
from lib_omost.ui.chat_view import ChatInputs, ChatView, EditedMessage
from lib_omost.ui.running_task import RunningTask
from tests.page.scripted import GLOBAL, LACKING, ScriptedComposing, code

ONE = code("boat")
TWO = code("boat", "lighthouse")
OWN = code("whale")


def chat(*turns):
    """A conversation as the page keeps it."""
    conversation = Conversation()
    for seed, (request, answer) in enumerate(turns):
        conversation = conversation.add_request(request, seed).answer(answer)
    return to_json(conversation)


def page_after(views):
    """What the page shows when all of these were applied."""
    shown = {}
    for view in views:
        shown |= {name: value for name, value in vars(view).items() if value is not None}
    return shown


def compose(composing, entered):
    views = list(ChatActions(lambda: composing).compose(entered))
    return views, page_after(views)


def canvas(text):
    return formats.to_code(formats.read(text).canvas)


def requests(text):
    return [turn.request for turn in from_json(text).turns]


def test_an_answer_streams_into_the_chat_and_each_finished_call_into_the_canvas():
    views, page = compose(ScriptedComposing(TWO), ChatInputs(request="a harbour", seed=7))
    shown = [view.canvas for view in views if view.canvas is not None]
    assert [text.count("add_local") for text in shown] == [0, 1, 2, 2]
    assert page["canvas"] == canvas(TWO)
    assert from_json(page["chat"]).turns[0].answer == TWO
    assert from_json(page["chat"]).turns[0].seed == 7
    assert page["messages"] == [("a harbour", f"**2 regions**\n\n```python\n{TWO}\n```")]
    assert page["request"] == ""
    assert "Composed: 2 regions" in page["status"]
    assert [view.busy for view in views if view.busy is not None] == [True, False]


def test_omissions_and_covered_regions_are_reported_with_the_regions():
    remarks = ("It left out “giraffe”.",)
    hiding = TWO.replace("on the right", "on the left")
    _, page = compose(
        ScriptedComposing([Text(hiding), Done("finished", 9, remarks)]),
        ChatInputs(request="two boats and a giraffe"),
    )
    assert "Composed: 2 regions" in page["status"]
    assert "It left out “giraffe”." in page["status"]
    assert "Region 2: Nearer regions cover this region: 0% of its box is visible." in page["status"]


def test_edits_that_change_nothing_are_reported(monkeypatch):
    composing = ScriptedComposing('{"edits": [{"op": "remove", "region": 9}]}')
    monkeypatch.setattr(composing, "notation", lambda request: PLAN)
    entered = ChatInputs(request="no gull", chat=chat(("a harbour", TWO)), canvas=TWO)
    _, page = compose(composing, entered)
    assert page["canvas"] == canvas(TWO)
    assert "The canvas is unchanged: there is no region 9" in page["status"]


def test_edits_change_the_canvas(monkeypatch):
    composing = ScriptedComposing('{"edits": [{"op": "remove", "region": 2}]}')
    monkeypatch.setattr(composing, "notation", lambda request: PLAN)
    entered = ChatInputs(request="no lighthouse", chat=chat(("a harbour", TWO)), canvas=TWO)
    _, page = compose(composing, entered)
    assert page["canvas"] == canvas(ONE)
    assert "Composed: 1 region" in page["status"]


def test_a_request_that_a_model_does_not_know_leaves_page_and_canvas_as_they_are():
    composing = ScriptedComposing([Failed("It does not know “sofa”.")])
    _, page = compose(composing, ChatInputs(request="a sofa", canvas=OWN))
    assert "It does not know “sofa”." in page["status"]
    assert not {"canvas", "chat", "request"} & set(page)
    assert page["messages"] == []


def test_progress_is_told_with_its_percentage():
    composing = ScriptedComposing([Progress("Loading <b>", 0.42), Text(ONE), Done("finished", 9)])
    views, _ = compose(composing, ChatInputs(request="a boat"))
    assert "Loading &lt;b&gt;: 42%" in views[1].status


def test_the_model_s_state_is_shown_while_it_answers_and_after():
    entered = ChatInputs.from_page(request="a boat", model="qwen2.5-coder-1.5b")
    views, page = compose(ScriptedComposing(ONE), entered)
    states = [view.state for view in views if view.state]
    assert "Model in use" in states[0]
    assert "Model ready" in page["state"]
    _, page = compose(
        ScriptedComposing(ONE), ChatInputs.from_page(request="a", model="http://localhost:1")
    )
    assert page["state"] == ""


def test_settings_reach_the_order():
    composing = ScriptedComposing(ONE)
    entered = ChatInputs.from_page(
        request="a boat",
        model="http://localhost:11434",
        server_model="phi3",
        dialect="vllm",
        temperature="0.4",
        top_p=0.5,
        max_new_tokens=512,
        canvas_only="never",
        keep_loaded=True,
        own_process=True,
    )
    compose(composing, entered)
    settings = composing.orders[0].settings
    assert (settings.model, settings.server_model, settings.dialect) == (
        "http://localhost:11434",
        "phi3",
        "vllm",
    )
    assert (settings.temperature, settings.top_p, settings.max_new_tokens) == (0.4, 0.5, 512)
    assert (settings.canvas_only, settings.keep_loaded, settings.own_process) == (False, True, True)


def test_the_random_seed_is_another_one_each_time_and_no_negative_one():
    composing = ScriptedComposing(ONE)
    for _ in range(2):
        compose(composing, ChatInputs(request="a boat", seed=-1))
    seeds = [order.conversation.turns[0].seed for order in composing.orders]
    assert seeds[0] != seeds[1]
    assert min(seeds) >= 0


def test_a_failure_keeps_the_typed_text_the_chat_and_the_canvas():
    composing = ScriptedComposing([Progress("Loading"), Failed("The disk is full: free some.")])
    before = chat(("a boat", ONE))
    _, page = compose(composing, ChatInputs(chat=before, request="and a gull", canvas=OWN))
    assert "request" not in page
    assert "chat" not in page
    assert "canvas" not in page
    assert "The disk is full: free some." in page["status"]
    assert [request for request, _ in page["messages"]] == ["a boat"]
    assert page["busy"] is False


def test_a_missing_environment_is_offered_beside_the_failure():
    composing = ScriptedComposing([Failed("The environment does not exist.")])
    _, page = compose(composing, ChatInputs(request="a boat"))
    assert page["setup"] == ""
    _, page = compose(composing, ChatInputs(request=f"a boat {LACKING}"))
    assert "needs a download first" in page["setup"]
    assert "request" not in page


def test_after_a_set_up_the_request_is_composed_unless_something_is_still_missing():
    composing = ScriptedComposing(ONE)
    composing.lacking = {"granite-4.0-micro"}
    inputs = ChatInputs.from_page(request="a boat", model="granite-4.0-micro")
    actions = ChatActions(lambda: composing)
    assert list(actions.compose_after_setup(inputs)) == [ChatView()]
    composing.lacking.clear()
    assert list(actions.compose_after_setup(replace(inputs, request=" "))) == [ChatView()]
    assert composing.orders == []
    *_, last = actions.compose_after_setup(inputs)
    assert "Composed" in last.status
    assert last.request == ""


def test_the_webui_s_prompt_is_composed_and_the_typed_request_stays():
    composing = ScriptedComposing(ONE)
    entered = ChatInputs(imported="(a boat:1.2), BREAK <lora:ink:1>", request="half a sentence")
    page = page_after(ChatActions(lambda: composing).compose_from_prompt(entered))
    assert composing.orders[0].conversation.turns[0].request == "a boat"
    assert page["canvas"] == canvas(ONE)
    assert "request" not in page
    nothing = page_after(
        ChatActions(lambda: composing).compose_from_prompt(ChatInputs(imported="<lora:ink:1>"))
    )
    assert "The request is empty" in nothing["status"]


def test_a_failure_in_the_middle_keeps_what_was_written():
    composing = ScriptedComposing([Text(ONE), Failed("The connection was lost.")])
    _, page = compose(composing, ChatInputs(request="a boat"))
    assert from_json(page["chat"]).turns[0].answer == ONE
    assert page["canvas"] == canvas(ONE)
    assert "The connection was lost. The finished part is kept" in page["status"]


def test_an_empty_request_is_told_and_asks_nobody():
    composing = ScriptedComposing(ONE)
    views, page = compose(composing, ChatInputs(request="  \n"))
    assert "The request is empty" in page["status"]
    assert composing.orders == []
    assert len(views) == 1


@pytest.mark.parametrize(
    ("reason", "told"),
    [("length", "is incomplete"), ("repetition", "repeated"), ("cancelled", "Stopped")],
)
def test_how_an_answer_ended_is_told_and_its_whole_calls_are_kept(reason, told):
    composing = ScriptedComposing([Text(TWO[: len(TWO) - 60]), Done(reason, 99)])
    _, page = compose(composing, ChatInputs(request="a harbour"))
    assert told in page["status"]
    assert "boat" in page["canvas"]
    assert from_json(page["chat"]).turns[0].answer == TWO[: len(TWO) - 60]


def test_an_answer_without_a_canvas_leaves_the_canvas_box():
    composing = ScriptedComposing([Text("I cannot draw."), Done("finished", 4)])
    _, page = compose(composing, ChatInputs(request="a poem", canvas=OWN))
    assert "canvas" not in page
    assert "does not contain a canvas" in page["status"]
    assert page["messages"][-1] == ("a poem", "I cannot draw.")


def test_stopped_before_a_word_is_as_before():
    composing = ScriptedComposing([Progress("Loading"), Done("cancelled", 0)])
    _, page = compose(composing, ChatInputs(request="a boat"))
    assert {"chat", "request", "canvas"} & set(page) == set()
    assert "Stopped before the first word" in page["status"]


def test_stop_ends_the_answer_and_keeps_what_is_there():
    composing = ScriptedComposing(TWO)
    handlers, entered = ChatActions(lambda: composing), ChatInputs(request="a harbour")
    views = handlers.compose(entered)
    first = next(views)
    seen = [first]
    for view in views:
        seen.append(view)
        if view.canvas is not None:
            pressed = handlers.stop(ChatInputs(running=first.running))
            assert pressed.busy is None
    page = page_after(seen)
    assert "Stopped" in page["status"]
    assert page["busy"] is False
    assert 0 < len(from_json(page["chat"]).turns[0].answer) < len(TWO)


def test_stop_frees_a_page_whose_answer_was_lost():
    over = RunningTask()
    over.end()
    for running in (None, over):
        assert ChatActions(ScriptedComposing).stop(ChatInputs(running=running)).busy is False


def test_a_closed_page_cancels_and_closes_the_engine():
    composing = ScriptedComposing(TWO)
    views = ChatActions(lambda: composing).compose(ChatInputs(request="a harbour"))
    running = next(views).running
    next(views)
    assert composing.open == 1
    views.close()
    assert running.cancel.is_set()
    assert composing.closed.wait(5)
    assert composing.open == 0


def test_the_engine_is_done_before_the_end_is_shown():
    composing = ScriptedComposing(ONE)
    for view in ChatActions(lambda: composing).compose(ChatInputs(request="a boat")):
        if view.busy is False:
            assert composing.open == 0


def test_an_engine_that_says_no_end_is_told():
    _, page = compose(ScriptedComposing([Progress("Loading")]), ChatInputs(request="a boat"))
    assert "ended without an answer" in page["status"]
    assert page["busy"] is False


def test_while_an_answer_is_written_nothing_else_begins():
    composing = ScriptedComposing(ONE)
    handlers = ChatActions(lambda: composing)
    entered = ChatInputs(request="a boat", chat=chat(("a", ONE)), running=RunningTask())
    assert list(handlers.compose(entered)) == list(handlers.retry(entered)) == []
    assert handlers.edit(entered, 0).request is None
    assert composing.orders == []


def test_retry_asks_the_same_with_the_next_seed_and_leaves_the_draft():
    composing = ScriptedComposing(TWO)
    before = to_json(Conversation().add_request("a harbour", 4).answer(ONE))
    views = ChatActions(lambda: composing).retry(ChatInputs(chat=before, request="a draft"))
    page = page_after(views)
    (turn,) = from_json(page["chat"]).turns
    assert (turn.request, turn.answer, turn.seed) == ("a harbour", TWO, 5)
    assert "request" not in page


def test_retry_says_when_the_seed_changes_nothing():
    before = to_json(Conversation().add_request("a harbour", 4).answer(ONE))
    page = page_after(ChatActions(lambda: ScriptedComposing(ONE)).retry(ChatInputs(chat=before)))
    assert "temperature 0" in page["status"]


def test_retry_without_an_answer_says_so():
    (view,) = ChatActions(ScriptedComposing).retry(ChatInputs())
    assert "no answer to repeat" in view.status


def step(direction, left_chat):
    return json.dumps({"direction": direction, "left_chat": left_chat})


def test_undo_of_a_turn_puts_its_request_back_and_redo_takes_it_out_of_the_box():
    one = chat(("a boat", ONE))
    two = chat(("a boat", ONE), ("and a lighthouse", TWO))
    handlers = ChatActions(ScriptedComposing)
    view = handlers.show_history_step(ChatInputs(chat=one, imported=step("undo", two)))
    assert [request for request, _ in view.messages] == ["a boat"]
    assert view.request == "and a lighthouse"
    assert "Undone" in view.status
    view = handlers.show_history_step(
        ChatInputs(chat=two, imported=step("redo", one), request="and a lighthouse")
    )
    assert [request for request, _ in view.messages] == ["a boat", "and a lighthouse"]
    assert view.request == ""
    assert "Redone" in view.status


def test_undo_leaves_what_is_being_typed():
    left = step("undo", chat(("a boat", ONE)))
    entered = ChatInputs(chat="", imported=left, request="a draft")
    assert ChatActions(ScriptedComposing).show_history_step(entered).request is None


def test_going_to_another_chat_brings_no_request_back():
    left = step("undo", chat(("a ship", ONE)))
    entered = ChatInputs(chat=chat(("a boat", ONE)), imported=left)
    assert ChatActions(ScriptedComposing).show_history_step(entered).request is None


def test_a_new_chat_begins_with_an_empty_canvas():
    view = ChatActions(ScriptedComposing).new(ChatInputs(chat=chat(("a boat", ONE)), canvas=ONE))
    assert (view.chat, view.canvas, view.messages) == ("", "", [])


DRAGGED = canvas(ONE).replace("on the left", "on the top")


def test_the_model_sees_the_canvas_on_the_page_as_its_last_answer():
    composing = ScriptedComposing(TWO)
    compose(composing, ChatInputs(chat=chat(("a boat", ONE)), canvas=DRAGGED, request="more"))
    (order,) = composing.orders
    assert [message["role"] for message in order.conversation.messages("")] == [
        "user",
        "assistant",
        "user",
    ]
    assert formats.read(order.conversation.messages("")[1]["content"]).canvas == (
        formats.read(DRAGGED).canvas
    )


def test_a_changed_canvas_has_a_row_of_its_own_in_the_chat():
    composing = ScriptedComposing(TWO)
    _, page = compose(
        composing, ChatInputs(chat=chat(("a boat", ONE)), canvas=DRAGGED, request="more")
    )
    shown = [(request, answer.split("\n")[0]) for request, answer in page["messages"]]
    assert shown == [
        ("a boat", "**1 region**"),
        (None, "**1 region, with your changes**"),
        ("more", "**2 regions**"),
    ]
    view = ChatActions(ScriptedComposing).edit(ChatInputs(chat=page["chat"]), 2)
    assert view.editing == EditedMessage(1, "")


def test_a_canvas_that_nobody_asked_for_is_shown_as_the_user_s():
    _, page = compose(ScriptedComposing(TWO), ChatInputs(canvas=ONE, request="more"))
    assert page["messages"][0][1].startswith("**1 region, your canvas**")


def test_a_canvas_as_it_was_answered_has_no_row():
    entered = ChatInputs(chat=chat(("a boat", ONE)), canvas=canvas(ONE), request="more")
    _, page = compose(ScriptedComposing(TWO), entered)
    assert [request for request, _ in page["messages"]] == ["a boat", "more"]


def test_of_an_emptied_canvas_the_model_sees_nothing():
    composing = ScriptedComposing(TWO)
    _, page = compose(composing, ChatInputs(chat=chat(("a boat", ONE)), request="a gull"))
    assert composing.orders[0].conversation.messages("") == ({"role": "user", "content": "a gull"},)
    assert page["messages"][1] == (None, "You emptied the canvas.")


def test_a_canvas_that_cannot_be_read_is_told_and_nothing_is_sent():
    composing = ScriptedComposing(TWO)
    views, page = compose(composing, ChatInputs(canvas="canvas = Canvas(", request="more"))
    assert composing.orders == []
    assert "The canvas on the page cannot be read" in page["status"]
    assert len(views) == 1


@pytest.mark.parametrize("change", ["retry", "edit"])
def test_what_is_asked_anew_is_about_the_canvas_that_it_was_about(change):
    entered = ChatInputs(chat=chat(("a boat", ONE)), canvas=DRAGGED, request="more", seed=4)
    _, page = compose(ScriptedComposing(TWO), entered)
    composing = ScriptedComposing(TWO)
    after = ChatInputs(chat=page["chat"], canvas=page["canvas"])
    if change == "retry":
        list(ChatActions(lambda: composing).retry(after))
    else:
        compose(composing, replace(after, editing=EditedMessage(1, ""), request="much more"))
    told = composing.orders[0].conversation.messages("")
    assert formats.read(told[1]["content"]).canvas == formats.read(DRAGGED).canvas
    assert len(told) == 3


AS_JSON = json.dumps(
    {
        "description": "A quiet harbour.",
        "regions": [{"location": "on the left", "description": "boat", "color": "#12ab34"}],
    }
)


def test_an_answer_in_json_is_a_canvas_like_any_other():
    _, page = compose(ScriptedComposing(AS_JSON), ChatInputs(request="a boat"))
    assert formats.read(page["canvas"]).canvas == formats.read(AS_JSON).canvas
    before = chat(("a boat", AS_JSON), ("more", AS_JSON))
    handlers = ChatActions(lambda: ScriptedComposing(TWO, context=1200))
    assert handlers.count(ChatInputs(chat=before, canvas=AS_JSON, request="more")).full is True
    view = handlers.condense(ChatInputs(chat=before))
    assert formats.read(view.canvas).canvas == formats.read(AS_JSON).canvas
    assert view.chat == ""


def test_a_loaded_page_can_go_back_to_all_that_its_chat_says():
    entered = ChatInputs(chat=chat(("a boat", ONE)), canvas=DRAGGED, request="more", seed=4)
    _, page = compose(ScriptedComposing(TWO), entered)
    handlers = ChatActions(ScriptedComposing)
    view = handlers.restore(ChatInputs(chat=page["chat"], canvas=page["canvas"]))
    assert json.loads(view.past) == [
        {"turns": 0, "canvas": ""},
        {"turns": 1, "canvas": canvas(ONE)},
        {"turns": 1, "canvas": DRAGGED},
    ]
    view = handlers.restore(ChatInputs(chat=page["chat"], canvas=ONE))
    assert json.loads(view.past)[-1] == {"turns": 2, "canvas": canvas(TWO)}


def test_editing_a_message_replaces_it_and_what_followed():
    before = chat(("a boat", ONE), ("and a gull", TWO))
    handlers = ChatActions(lambda: ScriptedComposing(TWO))
    view = handlers.edit(ChatInputs(chat=before, request="a draft"), 0)
    assert view.request == "a boat"
    assert view.editing == EditedMessage(0, "a draft")
    entered = ChatInputs(chat=before, request="a ship", editing=view.editing)
    page = page_after(handlers.compose(entered))
    assert requests(page["chat"]) == ["a ship"]
    assert from_json(page["chat"]).turns[0].answer == TWO
    assert page["editing"] is False


def test_leaving_a_message_puts_the_draft_back():
    view = ChatActions(ScriptedComposing).cancel_editing(
        ChatInputs(request="a boat!", editing=EditedMessage(0, "a draft"))
    )
    assert view.request == "a draft"
    assert view.editing is False


def test_another_message_keeps_the_first_draft():
    before = chat(("a boat", ONE), ("and a gull", TWO))
    entered = ChatInputs(chat=before, request="a boat", editing=EditedMessage(0, "a draft"))
    assert ChatActions(ScriptedComposing).edit(entered, 1).editing == EditedMessage(1, "a draft")


def test_a_message_that_is_not_there_is_not_edited():
    assert ChatActions(ScriptedComposing).edit(ChatInputs(chat=chat(("a", ONE))), 1).editing is None


def test_the_budget_counts_the_chat_and_what_is_typed():
    handlers = ChatActions(lambda: ScriptedComposing(context=8192, per_character=1000))
    assert "1,000 of 8,192 tokens" in handlers.count(ChatInputs(request="a")).budget
    assert handlers.count(ChatInputs(request="a")).full is False
    assert handlers.count(ChatInputs()).budget == ""


def test_an_unknown_budget_is_not_shown():
    composing = ScriptedComposing()
    composing.count = lambda order: (None, None)
    assert ChatActions(lambda: composing).count(ChatInputs(request="a")).budget == ""


FULL = chat(("a boat", ONE), ("and a gull", TWO))


def test_a_full_chat_is_told_while_typing_and_nothing_is_sent():
    composing = ScriptedComposing(ONE, context=1300)
    entered = ChatInputs(chat=FULL, request="a third thing", canvas=canvas(TWO))
    assert ChatActions(lambda: composing).count(entered).full is True
    _, page = compose(composing, entered)
    assert composing.orders == []
    assert page["full"] is True
    assert "Nothing was sent" in page["status"]
    assert "request" not in page
    assert page["busy"] is False


def test_a_full_chat_goes_on_from_its_canvas_alone():
    entered = ChatInputs(chat=FULL, request="a third thing", canvas=canvas(TWO))
    view = ChatActions(ScriptedComposing).condense(entered)
    assert (view.chat, view.canvas, view.request) == ("", None, None)
    view = ChatActions(ScriptedComposing).condense(replace(entered, canvas=AS_JSON))
    assert (view.chat, view.canvas) == ("", None)
    view = ChatActions(ScriptedComposing).condense(replace(entered, canvas=""))
    assert view.canvas == canvas(TWO)


def test_without_a_canvas_there_is_nothing_to_go_on_from():
    view = ChatActions(ScriptedComposing).condense(ChatInputs(chat=chat(("a", "I cannot."))))
    assert view.chat is None
    assert "no canvas to continue from" in view.status


def test_a_chat_that_cannot_be_shortened_is_sent_though_it_is_full():
    composing = ScriptedComposing(TWO, context=1200)
    compose(composing, ChatInputs(chat=chat(("a boat", ONE)), request="more"))
    assert len(composing.orders) == 1


def test_a_reloaded_page_finds_chat_model_and_canvas_and_its_request_is_left_alone():
    entered = ChatInputs.from_page(
        chat=chat(("a boat", ONE)),
        request="a draft",
        model="qwen2.5-coder-1.5b",
        server_model="phi3",
    )
    view = ChatActions(ScriptedComposing).restore(entered)
    assert view.chat == entered.chat
    assert view.messages[0][0] == "a boat"
    assert (view.request, view.model, view.server_model) == (None, "qwen2.5-coder-1.5b", "phi3")
    assert view.canvas == canvas(ONE)
    assert view.allowed is True


def test_a_reloaded_page_leaves_a_canvas_that_is_there():
    view = ChatActions(ScriptedComposing).restore(
        ChatInputs(chat=chat(("a boat", ONE)), canvas=OWN)
    )
    assert view.canvas is None


def test_a_broken_chat_of_the_browser_is_told():
    view = ChatActions(ScriptedComposing).restore(ChatInputs(chat="{broken", request="a draft"))
    assert view.chat == ""
    assert view.request is None
    assert "cannot be read and was set aside" in view.status


def test_a_restricted_page_hides_what_is_not_allowed():
    composing = ScriptedComposing()
    composing.is_restricted = True
    assert ChatActions(lambda: composing).restore(ChatInputs()).allowed is False


def test_importing_shows_the_chat_and_its_canvas():
    view = ChatActions(ScriptedComposing).import_chat(ChatInputs(imported=FULL, canvas=OWN))
    assert requests(view.chat) == ["a boat", "and a gull"]
    assert view.canvas == canvas(TWO)


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"format": "omost conversation"})])
def test_importing_something_else_changes_nothing(text):
    view = ChatActions(ScriptedComposing).import_chat(ChatInputs(chat=FULL, imported=text))
    assert view.chat is None
    assert "omost-error" in view.status


def test_an_unfinished_global_description_is_not_shown():
    composing = ScriptedComposing([Text(GLOBAL[:80]), Done("cancelled", 3)])
    views, _ = compose(composing, ChatInputs(request="a boat"))
    assert all(view.canvas is None for view in views[:-1])
