"""Canvases over HTTP: validated, converted, drawn."""

from __future__ import annotations

import io
from dataclasses import asdict

from fastapi import APIRouter, Response

from lib_omost.api.request_bounds import problem
from lib_omost.api.schemas import (
    CanvasFound,
    CanvasText,
    CanvasWritten,
    ConvertRequest,
    Finding,
    PreviewRequest,
    UnreadableProblem,
)
from lib_omost.canvas import files
from lib_omost.canvas.diagnostics import Reading
from lib_omost.canvas.preview import draw

PNG = {200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}}
UNREADABLE = {422: {"model": UnreadableProblem, "description": "No canvas can be read or written."}}


def add_canvas_routes(router: APIRouter) -> None:
    """Add the routes that need nothing but the canvas."""
    router.add_api_route(
        "/canvas/validate", validate, methods=["POST"], summary="Say what is wrong with a canvas"
    )
    router.add_api_route(
        "/canvas/convert",
        convert,
        methods=["POST"],
        summary="Write a canvas in another form",
        response_model=CanvasWritten,
        responses=UNREADABLE,
    )
    router.add_api_route(
        "/preview",
        preview,
        methods=["POST"],
        summary="Draw a canvas as PNG",
        response_class=Response,
        responses={**PNG, **UNREADABLE},
    )


def validate(given: CanvasText) -> CanvasFound:
    """Read a canvas in whatever form, and say what had to be repaired, line by line."""
    reading = files.read(given.text)
    return CanvasFound(
        readable=reading.canvas is not None,
        regions=len(reading.canvas.regions) if reading.canvas else 0,
        diagnostics=findings(reading),
    )


def convert(given: ConvertRequest) -> CanvasWritten | Response:
    """Read a canvas in whatever form and write it as code, JSON, or ComfyUI_omost's JSON."""
    reading = files.read(given.text)
    if reading.canvas is None:
        return _unreadable(reading)
    try:
        text = files.write(reading.canvas, given.to)
    except files.CanvasWriteError as error:
        return problem(422, f"the canvas cannot be written as {given.to}: {error}")
    return CanvasWritten(to=given.to, text=text, diagnostics=findings(reading))


def preview(given: PreviewRequest) -> Response:
    """Draw the composition: every region a patch of its colour, far ones first."""
    reading = files.read(given.text)
    if reading.canvas is None:
        return _unreadable(reading)
    png = io.BytesIO()
    draw(reading.canvas, (given.width, given.height), given.outlines).save(png, "PNG")
    return Response(png.getvalue(), media_type="image/png")


def findings(reading: Reading) -> list[Finding]:
    """What was said about a text."""
    return [Finding(**asdict(item)) for item in reading.diagnostics]


def _unreadable(reading: Reading) -> Response:
    diagnostics = [asdict(item) for item in reading.diagnostics]
    error = next((item for item in reading.diagnostics if item.severity == "error"), None)
    why = f": {error.message}" if error else ""
    return problem(422, f"no canvas can be read in the text{why}", diagnostics=diagnostics)
