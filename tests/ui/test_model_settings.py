"""The handlers of the choice of a model, with a composer that a test scripts."""

from __future__ import annotations

import pytest

from lib_omost.ui.chat_view import ChatInputs
from lib_omost.ui.model_settings import ModelSettings
from lib_omost.ui.running_task import RunningTask
from lib_omost.ui.texts import DEMO_EXAMPLES, EXAMPLES
from tests.page.scripted import ScriptedComposing


@pytest.fixture
def composing():
    return ScriptedComposing()


@pytest.fixture
def choosing(composing):
    return ModelSettings(lambda: composing)


def test_the_model_s_note_is_shown(choosing):
    assert "knows shapes only" in choosing.note(ChatInputs.from_page(model="composer")).note
    assert choosing.note(ChatInputs.from_page(model="qwen2.5-coder-1.5b")).note == ""


def test_the_examples_follow_the_model(choosing):
    assert choosing.note(ChatInputs.from_page(model="composer")).examples == DEMO_EXAMPLES
    assert choosing.note(ChatInputs.from_page(model="qwen2.5-coder-1.5b")).examples == EXAMPLES


def test_servers_on_this_machine_are_offered_by_name(choosing):
    assert choosing.list_local_servers(ChatInputs()).models[:2] == [
        "Choose a language model",
        "Ollama (127.0.0.1:11434)",
    ]


def test_the_model_s_state_is_shown(choosing):
    assert "Model ready" in choosing.note(ChatInputs.from_page(model="composer")).state
    assert "Model ready" in choosing.show_state(ChatInputs.from_page(model="composer")).state
    assert choosing.show_state(ChatInputs.from_page(model="http://localhost:1")).state == ""


def test_a_server_s_models_are_listed(choosing):
    view = choosing.list_models(ChatInputs.from_page(model="http://localhost:1"))
    assert view.server_models == ["llama3", "phi3"]
    assert "2 models" in view.message


def test_no_server_is_told(choosing):
    view = choosing.list_models(ChatInputs.from_page(model="composer"))
    assert view.server_models is None
    assert "begins with http://" in view.message


def test_a_key_is_saved_and_never_comes_back(choosing, composing):
    view = choosing.save_key(ChatInputs(key="sk-secret"))
    assert composing.keys == ["sk-secret"]
    assert view.key == ""
    assert view.has_key is True
    assert "sk-secret" not in repr(view)
    assert "sk-secret" not in repr(ChatInputs(key="sk-secret"))


def test_an_empty_key_deletes_the_saved_one(choosing):
    choosing.save_key(ChatInputs(key="sk-secret"))
    view = choosing.save_key(ChatInputs(key=""))
    assert view.has_key is False
    assert "deleted" in view.message


def test_a_key_that_cannot_be_saved_is_told(choosing, composing):
    def refuse(key, address=""):
        raise ValueError("The key contains characters that no key has; copy it again.")

    composing.set_key = refuse
    view = choosing.save_key(ChatInputs(key="sch\u00f6n"))
    assert view.key == ""
    assert "copy it again" in view.message


def test_a_model_that_lacks_its_environment_offers_to_set_it_up(choosing, composing):
    assert choosing.note(ChatInputs()).setup == ""
    composing.needs_environment = True
    view = choosing.note(ChatInputs.from_page(model="granite-4.0-micro"))
    assert "granite-4.0-micro needs a download first" in view.setup
    assert view.note == ""
    assert choosing.plan(ChatInputs()).setup == ""  # the question takes the button's place
    assert choosing.note(ChatInputs(making=RunningTask())).setup == ""


def test_the_offer_states_the_download_and_the_free_disk(choosing, composing):
    composing.lacking = {"qwen2.5-coder-1.5b"}
    setup = choosing.note(ChatInputs()).setup  # no model is chosen: it offers the default one
    assert "qwen2.5-coder-1.5b needs a download first" in setup
    assert (
        "a Python environment (about 60 MB) and the model (1,117 MB, licence Apache-2.0)" in setup
    )
    assert "to /data/omost, where 34,000 MB are free" in setup


def test_the_set_up_chooses_the_model_and_shows_the_bytes(choosing, composing):
    composing.lacking = {"qwen2.5-coder-1.5b"}
    first, *views, last = choosing.set_up(ChatInputs())
    assert (first.building, first.setup) == (True, "")
    shown = [view.setup_status or "" for view in views]
    assert any("Downloading qwen2.5-coder-1.5b: 500 of 1,117 MB: 45%" in text for text in shown)
    assert (last.building, last.model) == (False, "qwen2.5-coder-1.5b")
    assert "qwen2.5-coder-1.5b is ready" in last.setup_status
    assert composing.lacking == set()
    assert last.own_process is None


def test_a_stopped_set_up_is_offered_again(choosing, composing):
    composing.lacking = {"qwen2.5-coder-1.5b"}
    views = choosing.set_up(ChatInputs())
    next(views).making.cancel.set()
    *_, last = views
    assert "continues from here" in last.setup_status
    assert "needs a download first" in last.setup
    assert (last.building, last.model) == (False, None)


def test_a_failed_set_up_is_offered_again(choosing, composing):
    composing.lacking = {"qwen2.5-coder-1.5b"}
    composing.own_environment.failing = True
    *_, last = choosing.set_up(ChatInputs())
    assert "The disk is full" in last.setup_status
    assert "needs a download first" in last.setup


def test_the_plan_comes_before_anything_is_made(choosing, composing):
    assert "about 60 MB" in choosing.plan(ChatInputs()).plan
    assert composing.own_environment.ready is False
    assert choosing.cancel_plan(ChatInputs()).plan == ""


def test_making_the_environment_shows_pip_and_ticks_own_process(choosing, composing):
    views = list(choosing.build(ChatInputs()))
    assert composing.own_environment.ready
    assert [view.building for view in views if view.building is not None] == [True, False]
    assert [view.log for view in views if view.log][-1] == "Collecting transformers\nInstalling"
    assert any("Installing its packages" in (view.setup_status or "") for view in views)
    assert views[-1].own_process is True


def test_a_failure_is_told_and_the_next_try_works(choosing, composing):
    composing.own_environment.failing = True
    *_, last = choosing.build(ChatInputs())
    assert "The disk is full" in last.setup_status
    assert last.building is False
    assert last.own_process is None
    composing.own_environment.failing = False
    *_, last = choosing.build(ChatInputs())
    assert last.own_process is True


def test_stop_ends_the_making(choosing, composing):
    views = choosing.build(ChatInputs())
    making = next(views).making
    assert choosing.stop(ChatInputs(making=making)).building is None
    *_, last = views
    assert "Stopped" in last.setup_status
    assert composing.own_environment.ready is False
    assert choosing.stop(ChatInputs(making=making)).building is False


def test_one_environment_is_made_at_a_time(choosing):
    assert list(choosing.build(ChatInputs(making=RunningTask()))) == []
    assert list(choosing.set_up(ChatInputs(making=RunningTask()))) == []


def test_a_closed_page_ends_the_making(choosing):
    views = choosing.build(ChatInputs())
    making = next(views).making
    views.close()
    assert making.cancel.is_set()


def test_a_restricted_visitor_gets_a_sentence(choosing, composing):
    composing.is_restricted = True
    assert "open to the network" in choosing.plan(ChatInputs()).setup_status
    for run in (choosing.build, choosing.set_up):
        (view,) = run(ChatInputs())
        assert "open to the network" in view.setup_status
    assert composing.own_environment.ready is False
