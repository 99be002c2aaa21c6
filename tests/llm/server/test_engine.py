"""The client of a server, against a real one on loopback that plays scripts."""

import itertools
import json
import logging
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest
import urllib3.util.connection

from lib_omost.llm.engine import Done, Failed, Progress, Task, Text, Thinking
from lib_omost.llm.server.address import base_url
from lib_omost.llm.server.client import ServerClient
from lib_omost.llm.server.engine import ServerEngine, ServerError, Timeouts
from tests.llm.scripted_server import (
    FINE,
    FINISHED,
    chunk,
    drop,
    event,
    hang,
    playing,
    reply,
    stream,
    usage,
)

KEY = "sk-secret-0123456789"
TASK = Task(({"role": "user", "content": "a cat"},), 4096, temperature=0.6, top_p=0.9, seed=7)
SHORT_TIMEOUTS = Timeouts(connect=2, first_text=5, between_texts=5, retry_pauses=(0.01, 0.01))
SCHEMA = {"type": "object"}


def engine(server, key="", model="some-model", timeouts=SHORT_TIMEOUTS, **options):
    return ServerEngine(server.address, key, model, timeouts=timeouts, **options)


def events_of(asked, task=TASK, cancel=None):
    return list(asked.stream(task, cancel or threading.Event()))


def answer_of(asked, task=TASK):
    """The text and the end; checks what holds for every stream."""
    events = events_of(asked, task)
    *before, end = events
    assert isinstance(end, Done | Failed)
    assert all(isinstance(item, Progress | Thinking | Text) for item in before)
    assert not reading_threads()
    return "".join(item.text for item in before if isinstance(item, Text)), end


def failure_of(asked, task=TASK):
    """The text and the message, which is one line, ends like a sentence and holds no key."""
    text, end = answer_of(asked, task)
    assert isinstance(end, Failed)
    assert "\n" not in end.message
    assert end.message.endswith(".")
    assert KEY not in end.message
    return text, end.message


def reading_threads():
    return [thread for thread in threading.enumerate() if thread.name == "omost-server"]


# Addresses


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("localhost:11434", "http://localhost:11434/v1"),
        (" http://host:8000/v1/ ", "http://host:8000/v1"),
        ("http://host:8000/v1/chat/completions", "http://host:8000/v1"),
        ("http://host:8000/v1/models", "http://host:8000/v1"),
        ("http://localhost:11434/api/chat", "http://localhost:11434/v1"),
        ("HTTPS://Host.example/", "https://host.example/v1"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        ("https://openrouter.ai/api", "https://openrouter.ai/api/v1"),
        ("https://host/api/v3", "https://host/api/v3"),
        ("api.example.com", "https://api.example.com/v1"),
        ("api.example.com:8000", "http://api.example.com:8000/v1"),
        ("gpu-box", "http://gpu-box/v1"),
        ("192.168.1.5", "http://192.168.1.5/v1"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
    ],
)
def test_typed_addresses_are_normalised(typed, url):
    assert base_url(typed) == url
    assert base_url(url) == url


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("  ", "Enter the address"),
        ("ftp://host", "begins with http:// or https://, not ftp://"),
        ("host:port", "no valid host and port"),
        ("host:99999", "no valid host and port"),
        ("host:0", "no valid host and port"),
        ("http:localhost:80", "no valid host and port"),
        ("http://", "not the name of a host"),
        ("my server", "not the name of a host"),
        ("a..b", "not the name of a host"),
        ("http://[::1", "no valid host and port"),
        ("http://user:sk-secret@host", "belongs in the key's field"),
        ("http://host/v1?key=sk-secret", "belongs in the key's field"),
    ],
)
def test_an_invalid_address_raises_an_error_without_the_key(typed, message):
    with pytest.raises(ValueError, match=message) as raised:
        ServerEngine(typed)
    assert "sk-secret" not in str(raised.value)


# What an engine is


def test_importing_the_engine_loads_no_heavy_packages():
    code = "import sys, lib_omost.llm.server.engine; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert "lib_omost.llm.server.engine" in imported
    assert not imported & {"requests", "urllib3", "torch"}


def test_tokens_are_not_counted_and_unloading_is_safe_to_repeat():
    asked = ServerEngine("localhost:1")
    assert asked.count(TASK.messages) is None
    asked.unload()
    asked.unload()


def test_the_models_of_a_server_are_listed():
    listed = {"object": "list", "data": [{"id": "b"}, {"id": "a"}]}
    with playing(reply(listed), reply({"object": "list", "data": None})) as server:
        assert engine(server, KEY).models() == ["b", "a"]
        assert engine(server).models() == []
    first, second = server.asked
    assert (first.method, first.path) == ("GET", "/v1/models")
    assert first.headers["Authorization"] == f"Bearer {KEY}"
    assert "Authorization" not in second.headers


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (reply({"error": "no"}, 401), r"refuses the key; .* \(HTTP 401\)"),
        (reply("<html>hello</html>", kind="text/html"), "not answer like an OpenAI-compatible"),
        (reply({"hello": []}), "not answer like an OpenAI-compatible"),
        (reply([1]), "not answer like an OpenAI-compatible"),
        (reply("garbage"), "not answer like an OpenAI-compatible"),
        (hang, "does not answer in time"),
    ],
)
def test_a_failure_to_list_models_raises_an_explaining_error(script, message):
    with playing(script) as server, pytest.raises(ServerError, match=message):
        engine(server, KEY, timeouts=Timeouts(connect=0.2)).models()


# Answers


def test_an_answer_is_streamed():
    script = stream(event(chunk("a ", role="assistant")), event(chunk("cat")), FINISHED)
    with playing(script) as server:
        assert answer_of(engine(server, KEY)) == ("a cat", Done("finished", 2))
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert asked.body == {
        "model": "some-model",
        "messages": [{"role": "user", "content": "a cat"}],
        "temperature": 0.6,
        "top_p": 0.9,
        "max_tokens": 4096,
        "seed": 7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_comments_reasoning_split_events_and_usage_in_a_stream_are_understood():
    script = stream(
        ": OPENROUTER PROCESSING\n\n",
        event(chunk("", reasoning_content="a cat? hm")),
        f"event: message\r\nid: 1\r\ndata: {chunk('é')}\r\n\r\n",
        'data: {"choices":\ndata: [{"delta": {"content": "b"}}]}\n\n',
        event(chunk("", "length")),
        event(usage(12)),
        event("[DONE]"),
        event(chunk("after the end")),
    )
    with playing(script) as server:
        events = events_of(engine(server))
    end = Done("length", 11, thinking_tokens=1)
    assert events == [Thinking("a cat? hm"), Text("é"), Text("b"), end]


@pytest.mark.parametrize("chunked", [True, False])
def test_text_is_yielded_as_soon_as_it_is_sent(chunked):
    with playing(stream(event(chunk("a")), hang, chunked=chunked)) as server:
        answer = engine(server).stream(TASK, threading.Event())
        assert next(answer) == Text("a")
        answer.close()
        assert server.hung_up.wait(1)
    assert not reading_threads()


def test_a_complete_answer_of_a_server_without_streaming_is_read():
    whole = {"choices": [{"message": {"content": "all"}, "finish_reason": "stop"}]}
    with playing(reply(whole)) as server:
        assert answer_of(engine(server)) == ("all", Done("finished", 1))


@pytest.mark.parametrize(
    "script",
    [
        stream(event(chunk("a")), event("[DONE]")),
        stream(event(chunk("a", "stop"))),
        stream(event(chunk("a", "stop")), drop),
    ],
    ids=["no reason", "no [DONE]", "dropped after its end"],
)
def test_a_stream_without_finish_reason_usage_or_done_ends_normally(script):
    with playing(script) as server:
        assert answer_of(engine(server)) == ("a", Done("finished", 1))


def test_without_a_model_name_the_first_listed_model_is_used():
    with playing(reply({"data": [{"id": "b"}, {"id": "a"}]}), stream(FINE)) as server:
        assert answer_of(engine(server, model=""))[0] == "fine"
    assert server.asked[1].body["model"] == "b"
    with playing(reply({"data": []})) as server:
        assert "has no model; load one" in failure_of(engine(server, model=""))[1]


def test_the_list_of_models_is_requested_again_while_the_server_loads():
    listed = reply({"data": [{"id": "a"}]})
    with playing(reply({}, 503), listed, reply({}, 503), stream(FINE)) as server:
        assert answer_of(engine(server, model=""))[0] == "fine"
    paths = [asked.path.removeprefix("/v1/") for asked in server.asked]
    assert paths == ["models", "models", "chat/completions", "chat/completions"]


# Cancelling and waiting


def assert_cancels_at_once(asked, server, wanted):
    """Cancel when so many events have come, from another thread, while the reader is blocked."""
    cancel = threading.Event()
    events = []
    for item in asked.stream(TASK, cancel):
        events.append(item)
        if isinstance(item, Done):
            assert server.hung_up.wait(0.5), "the connection is closed only after the last event"
        if len(events) == wanted:
            threading.Timer(0.05, cancel.set).start()
            since = time.monotonic()
    assert time.monotonic() - since < 0.8
    assert not reading_threads()
    return events


def test_cancel_in_mid_answer():
    with playing(stream(event(chunk("a")), event(chunk("b")), hang)) as server:
        events = assert_cancels_at_once(engine(server), server, wanted=2)
    assert events == [Text("a"), Text("b"), Done("cancelled", 2)]


@pytest.mark.parametrize("script", [hang, stream(hang), stream(": hold on\n\n", hang)])
def test_cancel_before_the_first_token(script):
    with playing(script) as server:
        *before, end = assert_cancels_at_once(engine(server), server, wanted=1)
    assert end == Done("cancelled", 0)
    assert all(isinstance(item, Progress) for item in before)


def test_cancel_between_two_tries():
    timeouts = Timeouts(connect=2, retry_pauses=(1,))
    with playing(reply({}, 503, Retry_After="60")) as server:
        server.hung_up.set()
        events = assert_cancels_at_once(engine(server, timeouts=timeouts), server, wanted=1)
    assert events[0].message.startswith("Trying again in 60 s. ")
    assert events[-1] == Done("cancelled", 0)
    assert len(server.asked) == 1


def test_a_task_cancelled_before_its_start_ends_at_once():
    cancel = threading.Event()
    cancel.set()
    with playing(hang) as server:
        assert events_of(engine(server), cancel=cancel) == [Done("cancelled", 0)]
    assert not reading_threads()


def test_cancelling_during_the_connection_sends_no_request(monkeypatch):
    connect, may_connect = urllib3.util.connection.create_connection, threading.Event()

    def slow(*args, **kwargs):
        may_connect.wait(5)
        return connect(*args, **kwargs)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", slow)
    cancel = threading.Event()
    threading.Timer(0.05, cancel.set).start()
    with playing(stream(FINE)) as server:
        answer = engine(server).stream(TASK, cancel)
        assert next(answer) == Done("cancelled", 0)
        (reader,) = reading_threads()
        may_connect.set()
        answer.close()
        reader.join(2)
        assert not reader.is_alive()
    assert server.asked == []


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificate with openssl")
def test_tls_streams_cancels_and_rejects_unknown_certificates(tmp_path, monkeypatch):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    script = stream(event(chunk("a")), hang)
    with playing(script, tls=context) as server:
        server.address = f"https://{server.address}"
        assert "is not trusted here" in failure_of(engine(server))[1]
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        events = assert_cancels_at_once(engine(server), server, wanted=1)
    assert events == [Text("a"), Done("cancelled", 1)]


def test_heartbeats_while_the_first_token_is_slow():
    with playing(stream(1.3, event(chunk("late")), FINISHED)) as server:
        times, events = [time.monotonic()], []
        for item in engine(server).stream(TASK, threading.Event()):
            times.append(time.monotonic())
            events.append(item)
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 1
    *beats, text, end = events
    assert (text, end) == (Text("late"), Done("finished", 1))
    assert beats
    assert all(isinstance(beat, Progress) for beat in beats)
    assert beats[-1].message == f"Waiting for http://{server.address}/v1, 1 s."


@pytest.mark.parametrize(
    ("script", "timeouts", "text", "message"),
    [
        (
            stream(": working\n\n", hang),
            Timeouts(first_text=0.2, between_texts=9),
            "",
            "has not begun to answer in 0.2 seconds",
        ),
        (
            stream(event(chunk("a")), hang),
            Timeouts(first_text=9, between_texts=0.2),
            "a",
            "has written nothing more for 0.2 seconds; the text so far is kept",
        ),
    ],
)
def test_an_answer_fails_if_no_token_arrives_in_time(script, timeouts, text, message):
    with playing(script) as server:
        answer = engine(server, timeouts=timeouts).stream(TASK, threading.Event())
        written = [next(answer)] if text else []
        failed = next(answer)
        assert server.hung_up.wait(0.5)
        assert list(answer) == []
    assert written == [Text(text)] * len(text)
    assert message in failed.message
    assert len(server.asked) == 1
    assert not reading_threads()


# Trying again


@pytest.mark.parametrize(
    "script",
    [
        reply({"error": "busy"}, 429),
        reply("", 502),
        reply("<html>Bad gateway</html>", 503, "text/html"),
        reply("", 504),
        drop,
        stream(drop),
        stream(event('{"error": {"code": 503, "message": "Loading model"}}')),
    ],
    ids=["429", "502", "503", "504", "dropped", "dropped after headers", "503 in the stream"],
)
def test_a_temporary_failure_is_retried(script):
    with playing(script, stream(FINE)) as server:
        first, *rest = events_of(engine(server))
    assert first.message.startswith("Trying again in 0.01 s. ")
    assert rest == [Text("fine"), Done("finished", 1)]
    assert len(server.asked) == 2


def test_retries_end_after_the_last_pause():
    with playing(reply({"error": {"message": "Loading model"}}, 503)) as server:
        message = failure_of(engine(server))[1]
    assert message.endswith(
        "is busy or not ready yet (HTTP 503): Loading model; try again in a while."
    )
    assert len(server.asked) == 3


def test_a_busy_server_says_how_long_to_wait():
    with playing(reply({}, 429, Retry_After="1"), stream(FINE)) as server:
        events = events_of(engine(server))
    assert events[0].message.startswith("Trying again in 1 s. ")
    assert Text("fine") in events


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (drop, "broke during the answer; the text so far is kept"),
        (event('{"error": {"code": 503, "message": "overloaded"}}'), "(HTTP 503): overloaded"),
        (event('{"error": "bad grammar"}'), "bad grammar"),
    ],
)
def test_an_answer_that_has_begun_is_not_retried(end, message):
    with playing(stream(event(chunk("a")), end)) as server:
        text, said = failure_of(engine(server, schema=SCHEMA))
    assert text == "a"
    assert message in said
    assert len(server.asked) == 1


# Errors


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, {"error": {"message": "no"}}, "refuses the key; check it"),
        (403, "<html>Forbidden</html>", "refuses the key; check it"),
        (
            404,
            {"detail": "Not Found"},
            "not answer like an OpenAI-compatible server (HTTP 404)",
        ),
        (404, "<html>nginx</html>", "not answer like an OpenAI-compatible server (HTTP 404)"),
        (405, {"detail": "Method Not Allowed"}, "not answer like an OpenAI-compatible server"),
        (404, {"error": {"message": 'model "x" not found'}}, 'has no model "some-model"; choose'),
        (404, {"object": "error", "message": "The model `x` does not exist."}, "has no model"),
        (
            400,
            {"error": {"message": "This model's maximum context length is 8192 tokens."}},
            "do not fit into the model's context",
        ),
        (
            500,
            {"error": {"message": "the request exceeds the available context size."}},
            "do not fit into the model's context",
        ),
        (
            422,
            {"error": "`inputs` tokens + `max_new_tokens` must be <= 4096", "error_type": "v"},
            "do not fit into the model's context",
        ),
        (
            500,
            "Out of memory\nin layer 3",
            "reports an error (HTTP 500): Out of memory in layer 3; the",
        ),
        (500, "", "reports an error (HTTP 500) without a message"),
        (400, "<html>plain HTTP sent to HTTPS port</html>", "not answer like an OpenAI-compatible"),
        (500, "x" * 5000, "xxx…; the server's log says more."),
    ],
)
def test_a_refused_request_fails_with_an_explanation_and_no_retry(status, body, message):
    kind = "text/html" if str(body).startswith("<") else "application/json"
    with playing(reply(body, status, kind)) as server:
        assert message in failure_of(engine(server, KEY))[1]
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (reply("<!doctype html><p>hi", kind="text/html"), "not answer like an OpenAI-compatible"),
        (reply({"error": "Unexpected endpoint"}), "reports an error: Unexpected endpoint; the"),
        (reply({"hello": "world"}), "not answer like an OpenAI-compatible"),
        (reply("hello", kind="text/plain"), "not answer like an OpenAI-compatible"),
        (stream(event("garbage")), "not in the form of OpenAI's chat API"),
        (stream(), "not answer like an OpenAI-compatible"),
        (stream(FINISHED), "answer is empty"),
        (stream(event('{"error": {"message": "CUDA died"}}')), "reports an error: CUDA died; the"),
        (stream('error: {"code": 500, "message": "died"}\n\n'), "(HTTP 500): died; the"),
        (stream('error: {"error": {"code": 500, "message": "died"}}\n\n'), "(HTTP 500): died; the"),
    ],
)
def test_a_reply_that_is_no_answer_fails_with_an_explanation(script, message):
    with playing(script) as server:
        text, said = failure_of(engine(server))
    assert message in said
    assert text == ""


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (event('{"error": "slot died"}'), "reports an error: slot died; the"),
        (event(chunk("", "abort")), "aborted the answer (abort)"),
        (event("garbage"), "not in the form of OpenAI's chat API"),
        ("data: {", "broke during the answer"),
    ],
)
def test_a_failure_in_mid_answer_keeps_the_text_so_far(end, message):
    with playing(stream(event(chunk("kept")), end)) as server:
        text, said = failure_of(engine(server))
    assert message in said
    assert text == "kept"
    assert len(server.asked) == 1


def test_a_closed_port_fails_with_an_explanation():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    message = failure_of(ServerEngine(address, model="m"))[1]
    assert (
        message == f"Nothing listens at http://{address}/v1; start the server or correct the port."
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            socket.gaierror(-2, "Name or service not known"),
            "No host of this name is known: http://h",
        ),
        (TimeoutError("timed out"), "does not answer in time"),
        (OSError(113, "No route to host"), "is not reachable; check the network"),
    ],
)
def test_an_unreachable_host_fails_with_an_explanation(monkeypatch, error, message):
    def create_connection(*args, **kwargs):
        raise error

    monkeypatch.setattr(urllib3.util.connection, "create_connection", create_connection)
    monkeypatch.setenv("NO_PROXY", "*")
    assert message in failure_of(ServerEngine("host.invalid:80", model="m"))[1]


def test_https_to_a_plain_http_server_is_explained():
    with playing(stream(FINE)) as server:
        server.address = f"https://{server.address}"
        assert "write http:// instead of https://" in failure_of(engine(server))[1]


def test_an_unexpected_error_is_reported_without_the_key(monkeypatch):
    def broken(self, *args):
        raise KeyError(f"no {KEY}")

    monkeypatch.setattr(ServerClient, "stream_answer", broken)
    message = failure_of(ServerEngine("localhost:1", KEY, "m"))[1]
    assert "failed unexpectedly; please report this error: KeyError: 'no ***'." in message


def test_requests_to_this_machine_bypass_the_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    with playing(stream(FINE)) as server:
        assert answer_of(engine(server))[0] == "fine"
    assert "proxy" in failure_of(ServerEngine("http://host.invalid", model="m"))[1]


# Holding the answer to a canvas


def formats_asked(server):
    return [asked.body.get("response_format", {}).get("type") for asked in server.asked]


def refuse(status, message):
    return reply({"error": {"message": message}}, status)


def test_a_refused_schema_is_replaced_by_any_json_and_then_left_out():
    scripts = [
        refuse(400, "response_format.type: unknown variant `json_schema`"),
        refuse(500, "json_object is not supported"),
        refuse(422, "Unsupported fields in the request: {'stream_options'}"),
        stream(FINE),
    ]
    with playing(*scripts) as server:
        assert answer_of(engine(server, schema=SCHEMA)) == ("fine", Done("finished", 1))
    assert formats_asked(server) == ["json_schema", "json_object", None, None]
    bodies = [asked.body for asked in server.asked]
    assert bodies[0]["response_format"]["json_schema"]["schema"] == SCHEMA
    assert bodies[1]["response_format"]["schema"] == SCHEMA
    assert ["stream_options" in body for body in bodies] == [True, True, True, False]


def test_a_schema_refused_within_the_stream_is_replaced_too():
    with playing(stream(event('{"error": "bad grammar"}')), stream(FINE)) as server:
        assert answer_of(engine(server, schema=SCHEMA))[0] == "fine"
    assert formats_asked(server) == ["json_schema", "json_object"]


def test_a_request_refused_with_and_without_a_schema_fails():
    with playing(refuse(400, "unknown schema")) as server:
        assert "unknown schema" in failure_of(engine(server, schema=SCHEMA))[1]
    assert formats_asked(server) == ["json_schema", "json_object", None]


@pytest.mark.parametrize(
    ("status", "message"), [(401, "schema"), (402, "schema"), (404, "no such model: schema")]
)
def test_other_refusals_keep_the_schema(status, message):
    with playing(refuse(status, message)) as server:
        failure_of(engine(server, schema=SCHEMA))
    assert formats_asked(server) == ["json_schema"]


@pytest.mark.parametrize(
    ("model", "canvas_only", "dialect", "sent"),
    [
        ("qwen", None, "openai", {"response_format"}),
        ("qwen", True, "openai", {"response_format"}),
        ("qwen", False, "openai", set()),
        ("omost-llama-3-8b", None, "openai", set()),
        ("omost-llama-3-8b", True, "openai", set()),
        ("hf.co/x/Omost-Llama", True, "vllm", set()),
        ("omost-llama-3-8b", None, "llama.cpp", set()),
        ("omost-llama-3-8b", True, "llama.cpp", {"grammar"}),
        ("qwen", None, "llama.cpp", {"grammar"}),
        ("qwen", None, "vllm", {"structured_outputs"}),
    ],
)
def test_constrained_decoding_is_requested_in_the_dialect_of_the_server(
    model, canvas_only, dialect, sent
):
    task = Task(TASK.messages, 4096, canvas_only=canvas_only)
    held = {"schema": SCHEMA, "grammar": "root ::= .", "dialect": dialect}
    with playing(stream(FINE)) as server:
        answer_of(engine(server, model=model, **held), task)
        answer_of(engine(server, model=model, dialect=dialect), task)
    fields = {"response_format", "grammar", "structured_outputs"}
    assert fields & server.asked[0].body.keys() == sent
    assert not fields & server.asked[1].body.keys()


# The key


@pytest.mark.parametrize(
    "script",
    [
        refuse(401, f"Incorrect API key provided: {KEY}"),
        refuse(400, f"What is Bearer {KEY}?"),
        refuse(400, "x" * 190 + KEY),
        refuse(500, f"{KEY} exceeds the context size"),
        refuse(404, f"model {KEY} not found"),
        refuse(503, KEY),
        reply(f"raw {KEY}", 500, "text/plain"),
        stream(event(json.dumps({"error": KEY}))),
        stream(event(chunk("a", KEY)), event(json.dumps({"error": KEY}))),
        reply("", 302, Location=f"http://127.0.0.1:1/?key={KEY}"),
    ],
)
def test_a_key_in_the_error_of_the_server_is_masked(script, caplog):
    caplog.set_level(logging.DEBUG)
    with playing(script) as server:
        events = events_of(engine(server, KEY, model=KEY))
    assert isinstance(events[-1], Failed)
    shown = [item.message for item in events if not isinstance(item, Text)]
    assert not any("sk-" in text for text in [*shown, caplog.text])
    assert "chat/completions" in caplog.text, "nothing was logged, so nothing was tested"


def test_the_repr_of_an_engine_does_not_contain_the_key():
    asked = ServerEngine("localhost:1", KEY, "m")
    assert repr(asked) == "ServerEngine('http://localhost:1/v1', model='m')"
    assert KEY not in f"{asked} {vars(asked)['_errors']!r}"


@pytest.mark.parametrize("key", ["sk-secret\nHost: evil", "sk-secret\u2026", "sk-\0secret"])
def test_a_key_that_cannot_be_sent_is_refused_without_repeating_it(key):
    with pytest.raises(ValueError, match="contains characters that no key has") as raised:
        ServerEngine("localhost:1", key)
    assert "secret" not in str(raised.value)


def test_blanks_around_a_key_are_removed():
    with playing(stream(FINE)) as server:
        answer_of(engine(server, f" {KEY}\n"))
    assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status):
    with playing(stream(FINE)) as other:
        target = f"http://{other.address}/v1/chat/completions"
        with playing(reply("", status, Location=target)) as server:
            message = failure_of(engine(server, KEY))[1]
            with pytest.raises(ServerError, match="redirects to"):
                engine(server, KEY).models()
    assert f"redirects to {target}; to use that server, enter its address" in message
    assert other.asked == []


def test_a_password_in_netrc_is_not_sent(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with playing(stream(FINE)) as server:
        answer_of(engine(server, KEY))
        answer_of(engine(server))
    assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "Authorization" not in server.asked[1].headers


def test_a_missing_key_is_explained():
    with playing(refuse(401, "Unauthorized")) as server:
        assert "requires a key; enter the key" in failure_of(engine(server))[1]
