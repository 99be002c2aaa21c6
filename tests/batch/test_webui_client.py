from __future__ import annotations

import base64
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from lib_omost.batch.executors import UnusableToolError
from lib_omost.batch.job_spec import JobSpec, LineError
from lib_omost.batch.webui_client import CONNECT_SECONDS, WebUIPainter
from lib_omost.renderer.painting import write_png
from lib_omost.settings import Settings
from tests.canvas.test_code_reader import CODE
from tests.llm.scripted_server import HandTimer, endless, playing, reply, trickle

RED = Image.new("RGB", (64, 64), "red")
INFOTEXT = "a cat\nSteps: 20"
JOB = JobSpec(
    canvas=CODE,
    request="a cat",
    prompt="soft light",
    negative="blurry",
    width=640,
    height=512,
    seed=7,
    settings=Settings(method="couple", start=0.1),
)


def answer(*pictures, **parameters):
    info = {"infotexts": [INFOTEXT], "extra_generation_params": parameters}
    images = [base64.b64encode(picture).decode() for picture in pictures]
    return 200, {"images": images, "info": json.dumps(info)}


@pytest.fixture
def webui():
    """A WebUI with scripted answers that records its requests."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(*self.server.scripts)

        def do_POST(self):
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.asked.append((self.path, payload))
            self.answer(*self.server.answer)

        def answer(self, status, body):
            self.server.auth.append(self.headers["Authorization"])
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.auth = [], []
    server.scripts = 200, {"txt2img": ["script", "omost"], "img2img": []}
    server.answer = answer(write_png(RED, INFOTEXT))
    server.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_picture_is_asked_for_with_its_canvas_and_kept_as_it_comes(webui):
    picture = WebUIPainter(webui.url).load()(JOB)
    assert picture.png == write_png(RED, INFOTEXT)
    assert picture.remarks == ()
    ((path, payload),) = webui.asked
    assert path == "/sdapi/v1/txt2img"
    (args,) = payload.pop("alwayson_scripts")["Omost"]["args"]
    assert (args["canvas"], args["method"], args["start"]) == (CODE, "couple", 0.1)
    assert payload == {
        "prompt": "soft light",
        "negative_prompt": "blurry",
        "width": 640,
        "height": 512,
        "steps": 20,
        "cfg_scale": 7.0,
        "seed": 7,
        "sampler_name": "Euler a",
    }
    assert webui.auth == [None, None]


def test_it_is_told_the_password(webui):
    WebUIPainter(webui.url, "me:secret:word").load()(JOB)
    assert webui.auth == [f"Basic {base64.b64encode(b'me:secret:word').decode()}"] * 2
    assert "secret" not in repr(WebUIPainter(webui.url, "me:secret"))


def test_a_picture_without_infotext_gets_it(webui):
    jpeg = io.BytesIO()
    RED.save(jpeg, "JPEG")
    webui.answer = answer(jpeg.getvalue())
    picture = Image.open(io.BytesIO(WebUIPainter(webui.url).load()(JOB).png))
    assert (picture.format, picture.text["parameters"]) == ("PNG", INFOTEXT)


def test_what_omost_says_comes_back(webui):
    webui.answer = answer(write_png(RED, INFOTEXT), **{"Omost messages": ["a region is hidden"]})
    assert WebUIPainter(webui.url).load()(JOB).remarks == ("a region is hidden",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (answer(**{"Omost messages": ["Flux cannot be steered"]}), "^Flux cannot be steered$"),
        (answer(), "the WebUI made no picture"),
        (answer(b"nonsense"), "the WebUI's picture cannot be read"),
        ((500, {"error": "OutOfMemoryError", "errors": "no memory"}), "HTTP 500: no memory"),
        ((404, {"detail": "Sampler not found"}), "HTTP 404: Sampler not found"),
        ((502, "bad gateway"), "HTTP 502"),
        ((200, [1]), "its answer is not that of a WebUI"),
    ],
)
def test_what_goes_wrong_with_a_line(webui, given, message):
    webui.answer = given
    with pytest.raises(LineError, match=message):
        WebUIPainter(webui.url).load()(JOB)


@pytest.mark.parametrize(
    ("scripts", "message"),
    [
        ((401, {"detail": "Incorrect username"}), "give its --api-auth"),
        ((404, {"detail": "Not Found"}), "start it with --api"),
        ((200, {"txt2img": ["dynamic prompts"]}), "does not have this extension"),
    ],
)
def test_a_webui_that_cannot_be_used_is_told_of_before_the_first_line(webui, scripts, message):
    webui.scripts = scripts
    with pytest.raises(UnusableToolError, match=message):
        WebUIPainter(webui.url).load()


def test_a_webui_that_is_not_there():
    with pytest.raises(UnusableToolError, match=r"cannot be used .*check the address"):
        WebUIPainter("http://127.0.0.1:9").load()


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (JobSpec(width=8), "64 pixels a side or more, not 8"),
        (JobSpec(steps=0), "at least 1 step"),
        (JobSpec(seed=-1), "a seed is 0 or more"),
    ],
)
def test_what_no_webui_can_make(job, message):
    with pytest.raises(LineError, match=message):
        WebUIPainter("http://127.0.0.1:9").check(job)


def test_no_other_server_gets_the_password_by_a_redirect():
    with playing(reply({})) as other:
        elsewhere = {"Location": f"http://{other.address}/sdapi/v1/scripts"}
        with (
            playing(reply({}, 302, **elsewhere)) as first,
            pytest.raises(UnusableToolError, match=f"it redirects to http://{other.address}"),
        ):
            WebUIPainter(f"http://{first.address}", "me:secret").load()
        assert other.asked == []


def test_a_picture_is_not_sent_on_either():
    with playing(reply({})) as other:
        elsewhere = {"Location": f"http://{other.address}/"}
        scripts = reply({"txt2img": ["omost"]})
        with playing(scripts, reply({}, 307, **elsewhere)) as first:
            paint = WebUIPainter(f"http://{first.address}", "me:secret").load()
            with pytest.raises(LineError, match="it redirects to"):
                paint(JOB)
        assert other.asked == []


def test_a_webui_that_sends_for_ever_is_left(monkeypatch):
    monkeypatch.setattr("lib_omost.batch.webui_client.MAX_ANSWER_BYTES", 1 << 20)
    for status, message in ((200, "is larger than any picture"), (500, "HTTP 500: xxx")):
        with playing(endless(b"x", status, "application/json")) as server:
            with pytest.raises(UnusableToolError, match=message):
                WebUIPainter(f"http://{server.address}").load()
            assert server.hung_up.wait(5)
            assert server.sent < 16 << 20


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nX-", b'HTTP/1.1 200 OK\r\n\r\n{"a": ['])
def test_a_webui_that_trickles_is_left(monkeypatch, begin):
    monkeypatch.setattr("lib_omost.llm.http_connection.Timer", HandTimer)
    with playing(trickle(begin)) as server:
        with pytest.raises(UnusableToolError, match="it does not answer in time"):
            WebUIPainter(f"http://{server.address}").load()
        assert server.hung_up.wait(5)
    assert HandTimer.seconds.pop() == CONNECT_SECONDS


def test_a_picture_of_too_many_pixels_is_not_unpacked(webui, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(LineError, match="the WebUI's picture cannot be read"):
        WebUIPainter(webui.url).load()(JOB)
