"""Canvases composed from a job's prompts: how often, what is shown, what ends it, what is kept."""

from __future__ import annotations

import json

import pytest

from lib_omost.canvas import formats
from lib_omost.compose import composed_canvases as module
from lib_omost.compose.composed_canvases import STOPPED, ComposedCanvases, CompositionError, record
from lib_omost.compose.conversation import RESERVE, Conversation
from lib_omost.compose.request import ComposeRequest
from lib_omost.compose.settings import ComposeSettings
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.program.webui import WebuiProgram
from tests.host_stand_in import run
from tests.webui.conftest import CODE

CANVAS = formats.read(CODE).canvas


def order(request="a red boat", seed=0, **changes):
    settings = ComposeSettings(**{"model": "qwen2.5-coder-1.5b", **changes})
    return ComposeRequest(Conversation().add_request(request, seed), settings)


class FakeComposing:
    """Answers every order with the same text, in two pieces; remembers what it was asked."""

    def __init__(self, host, answer=CODE, end=None):
        self.host, self.answer = host, answer
        self.end = end or Done("finished", 2)
        self.asked = []
        self.shown = []
        self.given_back = 0
        self.loaded = "a model"

    def model_identity(self, order):
        return self.loaded

    def stream_within_job(self, order, stop):
        turn = order.conversation.turns[-1]
        self.asked.append((turn.request, turn.seed))
        for event in (
            Progress("Loading"),
            Text(self.answer[:9]),
            Text(self.answer[9:]),
        ):
            yield event
            state = self.host.state
            self.shown.append((state.textinfo, state.sampling_step, state.sampling_steps))
            if stop.is_set():
                yield Done("cancelled", 1)
                return
        yield self.end

    def before_sampling(self):
        self.given_back += 1


@pytest.fixture
def host(monkeypatch, tmp_path):
    host = run(monkeypatch, tmp_path)
    host.state.job_count = 2  # of two batches
    return host


@pytest.fixture
def composing(host):
    return FakeComposing(host)


@pytest.fixture
def compositions(host, composing):
    return ComposedCanvases(WebuiProgram(lambda: host), lambda: composing)


def test_all_are_composed_before_the_memory_is_given_back_once(compositions, composing):
    found = compositions.compose([order(seed=1), order(seed=2), order("a cat", seed=1)])
    assert composing.asked == [("a red boat", 1), ("a red boat", 2), ("a cat", 1)]
    assert composing.given_back == 1
    assert [one.canvas for one in found] == [CANVAS] * 3


def test_what_was_left_out_is_the_composition_s_remark(compositions, composing):
    composing.end = Done("finished", 2, ("It left out “giraffe”.",))
    (found,) = compositions.compose([order()])
    assert found.remark == "It left out “giraffe”."


def test_equal_orders_compose_once(compositions, composing):
    first, second = compositions.compose([order(seed=1), order(seed=1)])
    assert first is second
    assert len(composing.asked) == 1


def test_a_later_job_with_an_equal_order_composes_nothing(compositions, composing):
    """Each cell of an X/Y/Z plot is a job."""
    first = compositions.compose([order(seed=1)])
    assert compositions.compose([order(seed=1)]) == first
    assert (len(composing.asked), composing.given_back) == (1, 1)


def test_another_model_behind_the_same_name_composes_again(compositions, composing):
    compositions.compose([order(seed=1)])
    composing.loaded = "another model"
    compositions.compose([order(seed=1)])
    assert len(composing.asked) == 2


@pytest.mark.parametrize(
    "changes", [{"model": "other"}, {"temperature": 1.0}, {"top_p": 0.5}, {"canvas_only": False}]
)
def test_another_way_to_compose_is_another_canvas(compositions, composing, changes):
    compositions.compose([order(), order(**changes)])
    assert len(composing.asked) == 2


def test_where_no_chances_are_taken_the_seed_does_not_count(compositions, composing):
    compositions.compose([order(seed=1, model="composer"), order(seed=2, model="composer")])
    assert len(composing.asked) == 1


def test_the_oldest_are_forgotten(compositions, composing, monkeypatch):
    monkeypatch.setattr(module, "CACHE_SIZE", 2)
    compositions.compose([order(seed=1), order(seed=2)])
    compositions.compose([order(seed=1), order(seed=3)])
    compositions.compose([order(seed=1), order(seed=2)])
    assert [seed for _, seed in composing.asked] == [1, 2, 3, 2]


def test_a_job_of_more_than_are_kept_has_all_of_its_own(compositions, composing, monkeypatch):
    monkeypatch.setattr(module, "CACHE_SIZE", 1)
    assert len(compositions.compose([order(seed=1), order(seed=2), order(seed=1)])) == 3
    assert len(composing.asked) == 2


def test_requests_of_later_jobs_are_composed_with_those_of_this_job(compositions, composing):
    later = [order(seed=2), order(seed=3)]
    (first,) = compositions.compose([order(seed=1)], later)
    assert first.canvas == CANVAS
    compositions.compose(later[:1], later[1:])
    assert [seed for _, seed in composing.asked] == [1, 2, 3]
    assert composing.given_back == 1


def test_a_server_composes_later_jobs_later(compositions, composing):
    """It loads its model itself, and the pictures need not wait for all canvases."""
    server = {"model": "localhost:11434"}
    compositions.compose([order(seed=1, **server)], [order(seed=2, **server)])
    assert [seed for _, seed in composing.asked] == [1]


def test_the_canvases_of_later_jobs_stay_cached_until_these(compositions, composing, monkeypatch):
    monkeypatch.setattr(module, "CACHE_SIZE", 1)
    jobs = [order(seed=number) for number in range(4)]
    for number, job in enumerate(jobs):
        compositions.compose([job], jobs[number + 1 :])
    assert len(composing.asked) == 4


def test_the_progress_bar_has_one_more_part(compositions, composing, host):
    compositions.compose([order(seed=1), order(seed=2)])
    assert (host.state.job_count, host.state.job_no, host.state.textinfo) == (3, 1, None)
    assert composing.shown == [
        ("Loading (canvas 1 of 2)", 0, 2 * RESERVE),
        ("Composing (canvas 1 of 2)", 1, 2 * RESERVE),
        ("Composing (canvas 1 of 2)", 2, 2 * RESERVE),
        ("Loading (canvas 2 of 2)", RESERVE, 2 * RESERVE),
        ("Composing (canvas 2 of 2)", RESERVE + 1, 2 * RESERVE),
        ("Composing (canvas 2 of 2)", RESERVE + 2, 2 * RESERVE),
    ]


@pytest.mark.parametrize("button", ["interrupted", "skipped", "stopping_generation"])
def test_the_host_s_buttons_end_it(compositions, composing, host, button):
    setattr(host.state, button, True)
    with pytest.raises(CompositionError, match=STOPPED):
        compositions.compose([order(seed=1), order(seed=2)])
    assert (len(composing.asked), composing.given_back) == (1, 1)


def test_what_was_composed_before_a_failure_is_kept(compositions, composing):
    compositions.compose([order(seed=1)])
    composing.end = Failed("Out of memory.")
    with pytest.raises(CompositionError, match="no canvas was composed: Out of memory"):
        compositions.compose([order(seed=1), order(seed=2)])
    assert compositions.compose([order(seed=1)])
    assert [seed for _, seed in composing.asked] == [1, 2]


def test_an_answer_without_a_canvas_fails_and_is_not_lost(compositions, composing, capsys):
    composing.answer = "Sorry, I cannot do that."
    with pytest.raises(CompositionError, match="answer to 'a red boat' holds no canvas"):
        compositions.compose([order()])
    assert "Sorry, I cannot do that." in capsys.readouterr().err


def test_a_cut_or_repaired_answer_tells(compositions, composing):
    composing.answer = CODE.replace("'on the right'", "'on the rigth'")
    composing.end = Done("length", 2)
    (found,) = compositions.compose([order()])
    assert found.remark.startswith("The answer is incomplete")
    assert "line 9" in str(found.diagnostics[0])


@pytest.mark.parametrize(
    ("model", "server_model", "told", "temperature"),
    [
        ("qwen2.5-coder-1.5b", "", "qwen2.5-coder-1.5b", 0.3),
        ("lllyasviel/omost-llama-3-8b", "", "lllyasviel/omost-llama-3-8b", 0.6),
        ("https://user:secret@my.server/v1", "qwen", "qwen", 0.6),
        ("localhost:11434", "", "a server's model", 0.6),
    ],
)
def test_the_record_tells_no_address(model, server_model, told, temperature):
    text = record(order(model=model, server_model=server_model, seed=5))
    assert json.loads(text) == {"model": told, "seed": 5, "temperature": temperature}


def test_the_record_tells_no_folder(tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"")
    text = record(order(model=str(tmp_path / "model.gguf")))
    assert json.loads(text)["model"] == "model.gguf"
