"""What a model does, by what its engine says, and the memory in use."""

from __future__ import annotations

from types import SimpleNamespace

from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.webui import model_state
from lib_omost.webui.model_state import MemoryUse, memory_use, states


def told(events, *, loaded=False):
    return [(state.phase, state.fraction) for _, state in states(events, loaded=loaded)]


def test_a_model_loads_and_is_in_use():
    events = [Progress("Loading", 0.4), Progress("Reading"), Text("canvas"), Progress("Writing")]
    assert told(events) == [
        ("loading", 0.4),
        ("loading", None),
        ("in use", None),
        ("in use", None),
    ]
    assert told([Progress("Reading", 0.5), Text("a"), Done("finished", 1)], loaded=True) == 3 * [
        ("in use", None)
    ]


def test_what_failed_is_not_loaded():
    assert told([Progress("Loading", 0.9), Failed("There is no room.")]) == [
        ("loading", 0.9),
        ("not loaded", None),
    ]


def test_what_was_refused_is_as_loaded_as_before():
    refused = Failed("The conversation is too long.", refused=True)
    assert told([Progress("Reading"), refused], loaded=True) == 2 * [("in use", None)]


def test_the_cards_memory_comes_before_the_machine_s(monkeypatch):
    def mem_get_info():
        return 3 * 2**30, 8 * 2**30

    card = SimpleNamespace(is_available=lambda: True, mem_get_info=mem_get_info)
    monkeypatch.setitem(model_state.sys.modules, "torch", SimpleNamespace(cuda=card))
    assert memory_use() == MemoryUse("graphics card", 5 * 2**30, 8 * 2**30)


def test_without_a_card_the_machine_s_memory_is_shown(monkeypatch):
    monkeypatch.delitem(model_state.sys.modules, "torch", raising=False)
    memory = SimpleNamespace(total=4 * 2**30, available=2**30)
    psutil = SimpleNamespace(virtual_memory=lambda: memory)
    monkeypatch.setitem(model_state.sys.modules, "psutil", psutil)
    monkeypatch.setattr(model_state, "find_spec", lambda name: psutil)
    assert memory_use() == MemoryUse("machine", 3 * 2**30, 4 * 2**30)
    monkeypatch.setattr(model_state, "find_spec", lambda name: None)
    assert memory_use() is None
