"""The routes in a host's app: there where it serves an API, closed where it closes its own."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_omost.webui.api import host as api

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
        assert {"401", "413", "422"} <= operation["responses"].keys()


def test_what_the_host_closes_is_closed_here(host, composing):
    host.cmd_opts.api_auth = "ann:secret,bob:pässword"
    app = FastAPI()
    api.add_routes(None, app)
    client = TestClient(app)
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
    assert TestClient(app).get("/omost/v1/models").status_code == 404
    host.cmd_opts.nowebui = True
    api.add_routes(None, app)
    assert TestClient(app).get("/omost/v1/models").status_code == 200


def test_a_second_start_of_the_same_app_doubles_no_route(app):
    before = len(app.routes)
    api.add_routes(None, app)
    assert len(app.routes) == before
