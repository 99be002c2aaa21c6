"""Attacks on the stand-alone page, in the gradio versions of both hosts."""

from __future__ import annotations

import base64
import json
import math
import re
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

gr = pytest.importorskip("gradio")

from fastapi.testclient import TestClient  # noqa: E402
from starlette.websockets import WebSocketDisconnect  # noqa: E402

from lib_omost.llm.engine import Progress  # noqa: E402
from lib_omost.renderer.image_model import ImageModel  # noqa: E402
from lib_omost.serve.input_checks import NO_UPLOAD, upload_folder  # noqa: E402
from lib_omost.serve.process import LOOPBACK_ONLY  # noqa: E402
from lib_omost.serve.server import build_application  # noqa: E402
from tests.page.scripted import code  # noqa: E402

GRADIO_3 = gr.__version__.startswith("3.")
LONGEST = 10
"""Seconds after which a request without a reply counts as hanging."""

HERE = "http://127.0.0.1:7870"
EVIL = {"origin": "http://127.0.0.1:8000"}
REBOUND = {"host": "evil.example:7870", "origin": "http://evil.example:7870"}


class EndlessPicture:
    """Image process and queue that paint an endless picture, one step at a time."""

    model = ImageModel()

    def __init__(self):
        self.queue = self
        self.interrupts = 0
        self.turns = []
        self.go_on = threading.Semaphore(0)
        self.left = threading.Event()

    def interrupt(self):
        self.interrupts += 1

    def acquire(self, cancel):
        self.turns.append("taken")
        yield Progress("Waiting")

    def release(self):
        self.turns.append("left")
        self.left.set()

    def paint(self, wanted, cancel):
        while not self.interrupts and self.go_on.acquire(timeout=3 * LONGEST):
            yield Progress("Sampling")


@pytest.fixture
def image_process():
    return EndlessPicture()


@pytest.fixture
def app(image_process, tmp_path):
    composing = SimpleNamespace(before_sampling=lambda: None)
    return build_application(image_process, composing, tmp_path, LOOPBACK_ONLY, 7870)


@pytest.fixture
def client(app):
    with TestClient(app, base_url=HERE) as client:
        yield client


@pytest.fixture
def page(app):
    """Returns gradio's application inside the page's."""
    return app._application.routes[-1].app


def handler(page, component):
    """Returns the index of the handler that a component starts."""
    config = page.blocks.config
    (number,) = (
        part["id"] for part in config["components"] if part["props"].get("elem_id") == component
    )
    for index, found in enumerate(config["dependencies"]):
        # Gradio 4 says by which event too.
        starts = [target if GRADIO_3 else target[0] for target in found["targets"]]
        if number in starts:
            return index
    raise LookupError(component)


def call(client, index, values, headers=None):
    given = {"fn_index": index, "data": list(values), "session_hash": "s", "event_id": "e"}
    body = json.dumps(given)
    headers = {"content-type": "application/json", **(headers or {})}
    return client.post("/run/predict", content=body, headers=headers)


def run(client, page, component, *values, headers=None):
    """Runs a handler, as a page's script does."""
    return call(client, handler(page, component), values, headers)


def test_pictures_are_served_and_the_folder_that_the_server_runs_in_is_not(client, tmp_path):
    own = tmp_path / "pictures" / "a.txt"
    own.write_text("mine")
    assert client.get(f"/file={own}").text == "mine"
    assert Path.cwd() in Path(__file__).parents
    assert client.get(f"/file={__file__}").status_code in (403, 404)


ROUTES = [
    ("GET", "/"),
    ("GET", "/config"),
    ("GET", "/info"),
    ("GET", "/file=/etc/hostname"),
    ("GET", "/theme.css"),
    ("GET", "/docs"),
    ("GET", "/omost/history/pictures"),
    ("GET", "/openapi.json"),
    ("GET", "/queue/data?session_hash=s"),
    ("POST", "/queue/join"),
    ("POST", "/run/predict"),
    ("POST", "/api/predict"),
    ("POST", "/call/predict"),
    ("POST", "/upload"),
    ("POST", "/reset"),
    ("POST", "/component_server"),
    ("GET", "/omost/v1/presets"),
    ("GET", "/omost/v1/library"),
    ("POST", "/omost/v1/compose"),
    ("PUT", "/omost/v1/presets/a"),
    ("DELETE", "/omost/v1/presets/a"),
    ("GET", "/no/such/route"),
]


def test_the_api_s_documentation_needs_no_other_server(client):
    page = client.get("/docs").text
    assert "/openapi.json" in page
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 3  # style, script, icon
    if GRADIO_3:  # its FastAPI is too old for the package with these files
        assert all(address.startswith("https://") for address in addresses)
    else:
        assert [client.get(address).status_code for address in addresses] == [200] * 3


@pytest.mark.parametrize("headers", [EVIL, REBOUND, {"origin": "null"}])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_another_page(client, method, path, headers):
    for verb in (method, "OPTIONS"):
        asked = {"access-control-request-method": method, **headers}
        answer = client.request(verb, path, headers=asked)
        assert answer.status_code == 403
        assert answer.json()["detail"]
        assert not any(name.startswith("access-control") for name in answer.headers)


def test_no_websocket_opens_for_another_page(client):
    for headers in (EVIL, REBOUND):
        opened = client.websocket_connect("/queue/join", headers=headers)
        with pytest.raises(WebSocketDisconnect), opened as socket:
            socket.receive_json()


def test_the_own_page_and_programs_are_answered(client, page, image_process):
    for headers in ({}, {"origin": HERE, "sec-fetch-site": "same-origin"}):
        assert client.get("/", headers=headers).status_code == 200
        assert client.get("/omost/v1/presets", headers=headers).json() == {"presets": []}
        assert run(client, page, "txt2img_interrupt", headers=headers).status_code == 200
    assert image_process.interrupts == 2


def test_what_another_page_asks_for_is_not_done(client, page, image_process):
    assert run(client, page, "txt2img_interrupt", headers=EVIL).status_code == 403
    assert image_process.interrupts == 0


def described(path):
    """Describes a file as the page of this gradio version does."""
    if GRADIO_3:
        return {"name": str(path), "orig_name": "a.txt", "is_file": True, "data": None}
    return {"path": str(path), "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}


@pytest.fixture
def fetched(monkeypatch):
    """Records the addresses that gradio fetches."""
    asked = []

    def note(self, request, **_):
        asked.append(str(request.url))
        raise OSError("no network")

    monkeypatch.setattr("httpx.HTTPTransport.handle_request", note)
    monkeypatch.setattr("httpx.AsyncHTTPTransport.handle_async_request", note)
    return asked


def test_an_uploaded_file_is_read(client, page):
    answer = client.post("/upload", files={"files": ("a.txt", b"a cat\nSteps: 3")})
    (path,) = answer.json()
    assert upload_folder() in Path(path).resolve().parents
    found = run(client, page, "pnginfo_image", described(path))
    assert found.status_code == 200
    assert "Steps: 3" in found.json()["data"][0]


@pytest.mark.parametrize("kind", ["address", "file", "climbing", "link", "folder", "data", "list"])
def test_what_was_not_uploaded_is_never_read_nor_fetched(client, page, tmp_path, fetched, kind):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words\nSteps: 3")
    upload_folder().mkdir(exist_ok=True)
    value = {
        "address": described("http://127.0.0.1:1/secret.txt"),
        "file": described(secret),
        "climbing": described(upload_folder() / "x" / ".." / ".." / secret.relative_to("/")),
        "link": {**described(upload_folder() / "none.txt"), "url": "http://127.0.0.1:1/secret.txt"},
        "folder": described(upload_folder()),
        "data": {
            "name": "a.txt",
            "data": "data:text/plain;base64," + base64.b64encode(b"secret words").decode(),
        },
        "list": [described(secret), described(secret)],
    }[kind]
    answer = run(client, page, "pnginfo_image", value)
    assert "secret words" not in answer.text
    assert NO_UPLOAD in answer.text
    assert fetched == []


def test_no_other_component_takes_a_file_either(client, page, tmp_path, fetched):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    for value in (described("http://127.0.0.1:1/"), described(secret), [described(secret)]):
        answer = run(client, page, "paste", value)
        assert "must be text, not" in answer.text
        assert "secret words" not in answer.text
    assert fetched == []


def generated(client, page, **wrong):
    """Presses Generate with the page's initial values, except for some."""
    index = handler(page, "txt2img_generate")
    parts = {part["id"]: part["props"] for part in page.blocks.config["components"]}
    taken = [parts[number] for number in page.blocks.config["dependencies"][index]["inputs"]]
    return call(client, index, [wrong.get(p.get("elem_id"), p.get("value")) for p in taken])


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, [1], {"a": 1}, "8", True])
@pytest.mark.parametrize("part", ["width", "cfg_scale", "seed"])
def test_a_number_that_is_none_is_refused_with_a_sentence(client, page, part, value):
    answer = generated(client, page, **{f"txt2img_{part}": value})
    assert "must be a number, not" in answer.json()["error"]


@pytest.mark.parametrize("value", [[1], {"a": 1}, 5])
def test_a_text_that_is_none_is_refused_with_a_sentence(client, page, value):
    answer = generated(client, page, txt2img_prompt=value)
    assert "must be text, not" in answer.json()["error"]


def test_too_few_values_are_refused_with_a_sentence(client, page):
    assert "needs a list of" in run(client, page, "txt2img_generate", 1).json()["error"]


def test_a_fault_of_ours_is_a_sentence_too(client, page, image_process):
    def breaks():
        raise KeyError("x")

    page.blocks.fns[handler(page, "txt2img_interrupt")].fn = breaks
    assert "The page" in run(client, page, "txt2img_interrupt").json()["error"]


def test_a_job_goes_on_without_its_page_until_it_is_interrupted(client, page, image_process):
    for _ in range(2):  # each request reads one change of the page, then goes away
        image_process.go_on.release()
        assert generated(client, page, omost_txt2img_canvas=code("boat")).status_code == 200
    assert image_process.turns == ["taken"]
    image_process.interrupt()
    image_process.go_on.release(2)
    assert image_process.left.wait(LONGEST)
    assert image_process.turns == ["taken", "left"]
