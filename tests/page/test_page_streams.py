"""A page that closes takes along what it holds open, in the gradio of both hosts."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace

import pytest

gr = pytest.importorskip("gradio")

from lib_omost.compose import attended_stream  # noqa: E402
from lib_omost.llm.engine import Done, Progress  # noqa: E402
from lib_omost.presets.library import Library  # noqa: E402
from lib_omost.ui import page_streams  # noqa: E402
from tests.page.scripted import ScriptedComposing  # noqa: E402
from tests.page.serve import page  # noqa: E402

GRADIO_3 = gr.__version__.startswith("3.")
LONGEST = 30
"""Seconds until something counts as hanging; most of it takes less than one."""

READER_TIMEOUT = 5.0
"""Seconds after which an answer without a reader ends in these tests.

A stream usually ends when gradio drops it. A first request makes gradio import matplotlib.
Exceptions caught there keep the frames of gradio and with them the stream until Python collects
garbage.
"""


class EndlessComposing(ScriptedComposing):
    """Waits for a server that never answers, and says so all the time."""

    def __init__(self):
        super().__init__()
        self.answered = threading.Event()

    def stream(self, order, cancel, *, remote):
        self.open += 1
        try:
            while not (cancel.wait(0.05) or self.answered.is_set()):
                yield Progress("Waiting")
            yield Done("cancelled", 0)
        finally:
            self.open -= 1
            self.closed.set()


class Page:
    """A page whose request for an answer is being answered, as a browser sees it."""

    def __init__(self, blocks):
        self._url = f"127.0.0.1:{blocks.server_port}"
        self._ask(*request(blocks))

    if GRADIO_3:

        def _ask(self, number, values):
            from websockets.sync.client import connect

            self._connection = connect(f"ws://{self._url}/queue/join")
            call = {"fn_index": number, "session_hash": "page"}
            for message in map(json.loads, self._connection):
                if message["msg"] == "send_hash":
                    self._connection.send(json.dumps(call))
                elif message["msg"] == "send_data":
                    self._connection.send(json.dumps({**call, "data": values}))
                elif message["msg"] == "process_generating":
                    return

    else:

        def _ask(self, number, values):
            import httpx

            self._connection = httpx.Client(timeout=LONGEST)
            call = {"fn_index": number, "session_hash": "page", "data": values}
            self._connection.post(f"http://{self._url}/queue/join", json=call).raise_for_status()
            url = f"http://{self._url}/queue/data?session_hash=page"
            sent = self._connection.build_request("GET", url)
            lines = self._connection.send(sent, stream=True).iter_lines()
            next(line for line in lines if "process_generating" in line)

    def close(self):
        self._connection.close()


def request(blocks):
    """The handler that Compose calls, by its number, and what it is called with."""
    parts = {part["id"]: part["props"] for part in blocks.config["components"]}
    button = next(
        number
        for number, props in parts.items()
        if props.get("elem_id", "").endswith("_compose_button")
    )
    for number, handler in enumerate(blocks.config["dependencies"]):
        targets = [
            target[0] if isinstance(target, (list, tuple)) else target
            for target in handler["targets"]
        ]
        if targets == [button]:
            props = [parts[part] for part in handler["inputs"]]
            return number, [
                "a boat" if "request" in str(part.get("elem_id")) else part.get("value")
                for part in props
            ]
    raise LookupError("no handler of Compose")


@pytest.fixture
def composing():
    return EndlessComposing()


@pytest.fixture
def served(composing, tmp_path, monkeypatch):
    """The accordion's page, served as a host does it; `reload_ui` are its callbacks for later."""
    monkeypatch.setattr(attended_stream, "READER_TIMEOUT", READER_TIMEOUT)
    reload_ui = []
    program = SimpleNamespace(add_callback=lambda event, function, file: reload_ui.append(function))
    blocks = page(composing, Library(tmp_path))
    app, *_ = blocks.queue(64).launch(
        server_name="127.0.0.1", show_api=False, prevent_thread_lock=True, quiet=True
    )
    page_streams.end_with_pages(program, blocks, app)
    blocks.reload_ui, blocks.program = reload_ui, program
    yield blocks
    composing.answered.set()


def closes(blocks):
    """Whether the server comes to its end when the host's button Reload UI closes it."""
    # Not waited for without end, as it may hang.
    threading.Thread(target=blocks.close, daemon=True).start()
    blocks.server.thread.join(LONGEST)
    return not blocks.server.thread.is_alive()


def test_a_page_that_closes_ends_the_answer_that_it_waits_for(served, composing):
    Page(served).close()
    assert composing.closed.wait(LONGEST)
    assert closes(served)


def test_the_server_closes_at_once_behind_a_page_that_closed(served, composing):
    Page(served).close()
    assert closes(served)
    for callback in served.reload_ui:
        callback()
    assert composing.closed.wait(LONGEST)


def test_the_server_closes_while_a_page_is_open_and_waits_for_its_answer(served, composing):
    open_page = Page(served)
    assert closes(served)
    for callback in served.reload_ui:
        callback()
    assert composing.closed.wait(LONGEST)
    open_page.close()


def test_a_second_start_of_the_same_app_wraps_no_route_twice(served):
    routes = [route for route in served.server_app.router.routes if hasattr(route, "app")]
    before = [route.app for route in routes]
    page_streams.end_with_pages(served.program, served, served.server_app)
    assert [route.app for route in routes] == before


def test_closing_a_page_with_four_pending_requests_ends_the_answer(served, composing, monkeypatch):
    import httpx

    now = 0.0
    monkeypatch.setattr(attended_stream, "time", SimpleNamespace(monotonic=lambda: now))
    number, values = request(served)
    call = {"fn_index": number, "data": values, "session_hash": "s", "event_id": "e"}
    for _ in range(4):
        url = f"http://127.0.0.1:{served.server_port}/run/predict"
        httpx.post(url, json=call, timeout=LONGEST).raise_for_status()
    assert composing.open == 1
    now = READER_TIMEOUT + 1
    assert composing.closed.wait(LONGEST)
    assert composing.open == 0
