"""The routes in a host's app: there where it serves an API, closed where it closes its own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_omost.webui import api_registration as api
from tests.api.conftest import HERE

ROUTES = {
    ("post", "/omost/v1/canvas/convert"),
    ("post", "/omost/v1/canvas/validate"),
    ("post", "/omost/v1/compose"),
    ("get", "/omost/v1/library"),
    ("post", "/omost/v1/library"),
    ("get", "/omost/v1/models"),
    ("get", "/omost/v1/presets"),
    ("delete", "/omost/v1/presets/{name}"),
    ("get", "/omost/v1/presets/{name}"),
    ("put", "/omost/v1/presets/{name}"),
    ("post", "/omost/v1/presets/{name}/rename"),
    ("post", "/omost/v1/preview"),
    ("post", "/omost/v1/tokens"),
}


def test_every_route_is_described(app):
    described = app.openapi()["paths"]
    assert {(method, path) for path in described for method in described[path]} == ROUTES
    for path, method in ((path, method) for method, path in ROUTES):
        operation = described[path][method]
        assert operation["summary"]
        assert operation["description"]
        assert {"401", "403", "413", "422"} <= operation["responses"].keys()


def test_what_the_host_closes_is_closed_here(host, composing):
    host.cmd_opts.api_auth = "ann:secret,bob:pässword"
    app = FastAPI()
    api.add_routes(None, app)
    client = TestClient(app, base_url=HERE)
    for method, path in ROUTES:
        answer = client.request(method, path, json={})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    for account in (("ann", "wrong"), ("eve", "secret"), ("bob", "secret")):
        assert client.get("/omost/v1/models", auth=account).status_code == 401
    assert client.get("/omost/v1/models", auth=("ann", "secret")).status_code == 200


def test_no_routes_where_the_host_serves_no_api(host):
    host.cmd_opts.api = False
    app = FastAPI()
    api.add_routes(None, app)
    assert TestClient(app, base_url=HERE).get("/omost/v1/models").status_code == 404
    host.cmd_opts.nowebui = True
    api.add_routes(None, app)
    assert TestClient(app, base_url=HERE).get("/omost/v1/models").status_code == 200


def test_a_second_start_of_the_same_app_doubles_no_route(app):
    before = len(app.routes)
    api.add_routes(None, app)
    assert len(app.routes) == before


def test_no_route_answers_a_page_of_another_origin(client):
    for method, path in ROUTES:
        for headers in ({"origin": "http://127.0.0.1:8000"}, {"host": "evil.example"}):
            answer = client.request(method, path, json={}, headers=headers)
            assert answer.status_code == 403
            assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("options", "host", "origin", "passes"),
    [
        ({}, "127.0.0.1:7860", "", True),
        ({}, "127.0.0.1:7860", "http://127.0.0.1:7860", True),
        ({}, "127.0.0.1:7860", "http://127.0.0.1:8000", False),
        ({}, "evil.example:7860", "http://evil.example:7860", False),
        ({"listen": True}, "pc.lan:7860", "http://pc.lan:7860", True),
        ({"listen": True}, "pc.lan:7860", "http://evil.example", False),
        ({"share": True}, "a.gradio.live", "https://a.gradio.live", True),
        ({"server_name": "pc.lan"}, "pc.lan:7860", "", True),
        ({"server_name": "127.0.0.1"}, "pc.lan:7860", "", False),
        ({"api_auth": "a:b"}, "proxy.example", "", True),
        ({"cors_allow_origins": "https://a.example, http://b.example"}, "b.example", "", True),
        ({"cors_allow_origins": "http://b.example"}, "127.0.0.1", "http://b.example", True),
        ({"cors_allow_origins": "http://b.example"}, "127.0.0.1", "http://c.example", False),
        ({"cors_allow_origins_regex": r"http://\w+\.lan"}, "127.0.0.1", "http://a.lan", True),
        ({"cors_allow_origins_regex": r"http://\w+\.lan"}, "127.0.0.1", "http://a.lan.x", False),
    ],
)
def test_who_may_ask_follows_the_hosts_command_line(options, host, origin, passes):
    headers = [(b"host", host.encode())]
    if origin:
        headers.append((b"origin", origin.encode()))
    refusal = api.origin_rule(SimpleNamespace(**options)).refusal(headers, "POST")
    assert (refusal == "") is passes
