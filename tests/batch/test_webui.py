from __future__ import annotations

import base64
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from lib_omost.batch.painting import Asked, to_png
from lib_omost.batch.wanted import LineError, Wanted
from lib_omost.batch.webui import CONNECT, WebUI
from lib_omost.batch.work import UnusableToolError
from lib_omost.settings import Settings
from tests.canvas.test_code import CODE
from tests.llm.scripted_server import HandTimer, endless, playing, reply, trickle

RED = Image.new("RGB", (64, 64), "red")
INFOTEXT = "a cat\nSteps: 20"
WANTED = Wanted(
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
    """A WebUI that answers what a test says, and keeps what it was asked."""

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
    server.answer = answer(to_png(RED, INFOTEXT))
    server.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_picture_is_asked_for_with_its_canvas_and_kept_as_it_comes(webui):
    picture = WebUI(webui.url).make()(Asked(WANTED, CODE))
    assert picture.png == to_png(RED, INFOTEXT)
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
    WebUI(webui.url, "me:secret:word").make()(Asked(WANTED, CODE))
    assert webui.auth == [f"Basic {base64.b64encode(b'me:secret:word').decode()}"] * 2
    assert "secret" not in repr(WebUI(webui.url, "me:secret"))


def test_a_picture_without_infotext_gets_it(webui):
    jpeg = io.BytesIO()
    RED.save(jpeg, "JPEG")
    webui.answer = answer(jpeg.getvalue())
    picture = Image.open(io.BytesIO(WebUI(webui.url).make()(Asked(WANTED, CODE)).png))
    assert (picture.format, picture.text["parameters"]) == ("PNG", INFOTEXT)


def test_what_omost_says_comes_back(webui):
    webui.answer = answer(to_png(RED, INFOTEXT), **{"Omost messages": ["a region is hidden"]})
    assert WebUI(webui.url).make()(Asked(WANTED, CODE)).remarks == ("a region is hidden",)


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
        WebUI(webui.url).make()(Asked(WANTED, CODE))


@pytest.mark.parametrize(
    ("scripts", "message"),
    [
        ((401, {"detail": "Incorrect username"}), "give its --api-auth"),
        ((404, {"detail": "Not Found"}), "start it with --api"),
        ((200, {"txt2img": ["dynamic prompts"]}), "has no extension Omost"),
    ],
)
def test_a_webui_that_cannot_be_used_is_told_of_before_the_first_line(webui, scripts, message):
    webui.scripts = scripts
    with pytest.raises(UnusableToolError, match=message):
        WebUI(webui.url).make()


def test_a_webui_that_is_not_there():
    with pytest.raises(UnusableToolError, match=r"cannot be used .*check the address"):
        WebUI("http://127.0.0.1:9").make()


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(width=8), "64 pixels a side or more, not 8"),
        (Wanted(steps=0), "at least 1 step"),
        (Wanted(seed=-1), "a seed is 0 or more"),
    ],
)
def test_what_no_webui_can_make(wanted, message):
    with pytest.raises(LineError, match=message):
        WebUI("http://127.0.0.1:9").check(wanted)


def test_no_other_server_gets_the_password_by_a_redirect():
    with playing(reply({})) as other:
        elsewhere = {"Location": f"http://{other.address}/sdapi/v1/scripts"}
        with (
            playing(reply({}, 302, **elsewhere)) as first,
            pytest.raises(UnusableToolError, match=f"it sends on to http://{other.address}"),
        ):
            WebUI(f"http://{first.address}", "me:secret").make()
        assert other.asked == []


def test_a_picture_is_not_sent_on_either():
    with playing(reply({})) as other:
        elsewhere = {"Location": f"http://{other.address}/"}
        scripts = reply({"txt2img": ["omost"]})
        with playing(scripts, reply({}, 307, **elsewhere)) as first:
            paint = WebUI(f"http://{first.address}", "me:secret").make()
            with pytest.raises(LineError, match="it sends on to"):
                paint(Asked(WANTED, CODE))
        assert other.asked == []


def test_a_webui_that_sends_for_ever_is_left(monkeypatch):
    monkeypatch.setattr("lib_omost.batch.webui.MOST_OF_PICTURE", 1 << 20)
    for status, message in ((200, "sends more than a picture"), (500, "HTTP 500: xxx")):
        with playing(endless(b"x", status, "application/json")) as server:
            with pytest.raises(UnusableToolError, match=message):
                WebUI(f"http://{server.address}").make()
            assert server.hung_up.wait(5)
            assert server.sent < 16 << 20


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nX-", b'HTTP/1.1 200 OK\r\n\r\n{"a": ['])
def test_a_webui_that_trickles_is_left(monkeypatch, begin):
    monkeypatch.setattr("lib_omost.llm.server_connection.Timer", HandTimer)
    with playing(trickle(begin)) as server:
        with pytest.raises(UnusableToolError, match="it does not answer in time"):
            WebUI(f"http://{server.address}").make()
        assert server.hung_up.wait(5)
    assert HandTimer.seconds.pop() == CONNECT


def test_a_picture_of_too_many_pixels_is_not_unpacked(webui, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(LineError, match="the WebUI's picture cannot be read"):
        WebUI(webui.url).make()(Asked(WANTED, CODE))
