"""Delivers the translations of the page in the visitor's language, over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request

from lib_omost.program.current import current
from lib_omost.program.standalone import StandaloneProgram
from lib_omost.program.visitor_language import set_visitor_language

PATH = "/omost/language"


def add_language_route(app: FastAPI) -> None:
    """Adds the route of the translations to the page's app."""

    async def language(request: Request) -> dict[str, Any]:
        """The code of the visitor's language, and the translations of the English texts."""
        set_visitor_language(request.headers.get("accept-language", ""))
        program = current()
        assert isinstance(program, StandaloneProgram)
        texts: dict[str, str] = {}
        for file in program.localisation_files():
            texts |= json.loads(Path(file).read_text(encoding="utf-8"))
        return {"language": program.language, "texts": texts}

    app.get(PATH, tags=["Page"])(language)


def follow_request(request: Any) -> None:
    """Sets the visitor's language by gradio's request: its class differs between the versions."""
    headers = getattr(request, "headers", None)
    header = "accept-language"
    set_visitor_language(headers[header] if headers is not None and header in headers else "")
