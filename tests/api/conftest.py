"""The API in an app as the hosts make it, before a scripted engine and a library of its own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.middleware.gzip import GZipMiddleware

from lib_omost.canvas import formats
from lib_omost.compose.service import ComposeService
from lib_omost.llm.model_notation import CODE as CODE_NOTATION
from lib_omost.presets.library import Library
from lib_omost.program import current
from lib_omost.program.webui import WebuiProgram
from lib_omost.webui import api_registration as api
from tests.host_stand_in import ScriptedEngine, run

CODE = """\
canvas = Canvas()
canvas.set_global_description(
    description='A quiet harbour.',
    detailed_descriptions=[],
    tags='harbour',
    HTML_web_color_name='lightsteelblue',
)
"""
HERE = "http://127.0.0.1:7860"

CANVAS = formats.read(CODE).canvas


@pytest.fixture
def host(monkeypatch, tmp_path):
    return run(monkeypatch, tmp_path)


@pytest.fixture
def program(host, monkeypatch):
    program = WebuiProgram(lambda: host)
    monkeypatch.setattr(current, "_current", program)
    return program


@pytest.fixture
def engine(host):
    return ScriptedEngine("model", host, CODE[:20], CODE[20:])


@pytest.fixture
def composing(program, engine, monkeypatch):
    choice = SimpleNamespace(
        engine=engine, system="You compose.", context=4096, notation=CODE_NOTATION
    )
    composing = ComposeService(program, choose=lambda *_, **__: choice)
    monkeypatch.setattr(api, "get_compose_service", lambda: composing)
    # The page's environments have no transformers, which would ask for an own process.
    monkeypatch.setattr("lib_omost.compose.engine_selection.is_needed", lambda: False)
    return composing


@pytest.fixture
def library(tmp_path, monkeypatch):
    library = Library(tmp_path / "library")
    monkeypatch.setattr(api, "get_library", lambda: library)
    return library


@pytest.fixture
def app(host, program, composing, library):
    """An app as the hosts make it: with gzip, and a middleware that passes all requests on."""
    app = FastAPI()
    app.add_middleware(GZipMiddleware, minimum_size=1000)

    @app.middleware("http")
    async def passes_on(request, call_next):
        return await call_next(request)

    api.register(program)
    for callback in host.started:
        callback(None, app)
    return app


@pytest.fixture
def client(app):
    return TestClient(app, base_url=HERE)
