"""What servers refused is known to later answers, also of the next process."""

from __future__ import annotations

import json
import os
import threading

import pytest

from lib_omost.llm.engine import Done, Task, Text
from lib_omost.llm.engine_factory import create_engine
from lib_omost.llm.server.adaptation import Adaptation
from lib_omost.llm.server.adaptation_memory import (
    LIFETIME,
    MAX_FILE_BYTES,
    MAX_MEMORIES,
    AdaptationMemory,
    adaptation_memory,
)
from tests.llm.scripted_server import FINE, playing, stream
from tests.llm.server.test_engine import refuse

SERVER = "http://a/v1"
LEARNED = Adaptation(
    frozenset({"seed", "top_p"}),
    "max_completion_tokens",
    max_tokens=2048,
    weakening=1,
    folds_system=True,
    effort="low",
    is_bare=True,
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "omost" / "server-adaptations.json"


def test_it_is_remembered_by_server_and_model_except_the_room_in_a_context():
    memory = AdaptationMemory()
    memory.remember(SERVER, "m", Adaptation(max_tokens=2048, room=900))
    assert memory.recall(SERVER, "m") == Adaptation(max_tokens=2048)
    assert memory.recall(SERVER, "n") == memory.recall("http://b/v1", "m") == Adaptation()
    memory.forget()
    assert memory.recall(SERVER, "m") == Adaptation()


def test_the_next_process_knows_it(file):
    AdaptationMemory(file).remember(SERVER, "m", LEARNED)
    assert AdaptationMemory(file).recall(SERVER, "m") == LEARNED
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_next_process_does_not_repeat_a_refused_request(file):
    """Each engine of a server lives for one answer; all of one file share their memory."""
    task = Task(({"role": "user", "content": "a cat"},), 4096)

    def answer(address):
        engine = create_engine(address, server_model="m", adaptations=file).engine
        return list(engine.stream(task, threading.Event()))

    with playing(
        refuse(400, "Unrecognized request argument supplied: seed"), stream(FINE)
    ) as server:
        answer(server.address)
        adaptation_memory.cache_clear()  # as the next process begins
        assert answer(server.address) == [Text("fine"), Done("finished", 1)]
    assert ["seed" in asked.body for asked in server.asked] == [True, False, False]


def test_a_server_that_accepts_everything_needs_no_file(file):
    AdaptationMemory(file).remember(SERVER, "m", Adaptation(room=900))
    assert not file.exists()


def test_an_equal_adaptation_is_written_once(file):
    memory = AdaptationMemory(file)
    memory.remember(SERVER, "m", LEARNED)
    file.unlink()
    memory.remember(SERVER, "m", LEARNED)
    assert not file.exists()


@pytest.mark.parametrize(
    ("seconds", "known"),
    [(LIFETIME - 1, LEARNED), (LIFETIME, Adaptation()), (-1, Adaptation())],
    ids=["in time", "too late", "before"],
)
def test_it_is_forgotten_after_some_weeks_because_servers_are_updated(file, seconds, known):
    now = 1_800_000_000.0
    AdaptationMemory(file, lambda: now).remember(SERVER, "m", LEARNED)
    assert AdaptationMemory(file, lambda: now + seconds).recall(SERVER, "m") == known


def test_the_models_learned_last_are_remembered(file):
    memory = AdaptationMemory(file)
    for number in range(MAX_MEMORIES + 1):
        memory.remember(SERVER, str(number), LEARNED)
    assert file.stat().st_size < MAX_FILE_BYTES
    for known in (memory, AdaptationMemory(file)):
        assert known.recall(SERVER, "0") == Adaptation()
        assert known.recall(SERVER, "1") == known.recall(SERVER, str(MAX_MEMORIES)) == LEARNED


@pytest.mark.parametrize(
    "changes",
    [
        {"removed": ["messages"]},
        {"removed": [[]]},
        {"removed": None},
        {"length_field": "n"},
        {"max_tokens": 1},
        {"max_tokens": "2048"},
        {"weakening": -1},
        {"weakening": "1"},
        {"folds_system": "no"},
        {"effort": "most"},
        {"model": ["m"]},
        {"learned": "yesterday"},
        {"learned": None},
    ],
    ids=str,
)
def test_a_file_with_a_wrong_value_counts_as_empty(file, changes):
    AdaptationMemory(file).remember(SERVER, "m", LEARNED)
    (entry,) = json.loads(file.read_text())
    file.write_text(json.dumps([entry, {**entry, **changes}]))
    assert AdaptationMemory(file).recall(SERVER, "m") == Adaptation()


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"{", b"{}", b"7", b"[7]", b"[{}]", b"[" * 100_000, b"null"]
)
def test_a_damaged_file_counts_as_empty_and_is_replaced(file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    memory = AdaptationMemory(file)
    assert memory.recall(SERVER, "m") == Adaptation()
    memory.remember(SERVER, "m", LEARNED)
    assert AdaptationMemory(file).recall(SERVER, "m") == LEARNED


def test_a_folder_that_cannot_be_written_is_reported_and_the_process_remembers(tmp_path, capsys):
    (tmp_path / "omost").write_text("a file in place of the folder")
    memory = AdaptationMemory(tmp_path / "omost" / "server-adaptations.json")
    memory.remember(SERVER, "m", LEARNED)
    assert memory.recall(SERVER, "m") == LEARNED
    assert "server-adaptations.json cannot be written" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["omost"]
