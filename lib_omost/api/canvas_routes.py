"""The API's routes that validate, convert and draw canvases."""

from __future__ import annotations

import io
from collections.abc import Iterable
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
from lib_omost.canvas import conversion, formats
from lib_omost.canvas.diagnostics import Diagnostic, Reading
from lib_omost.canvas.preview import draw

PNG = {200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}}
UNREADABLE = {422: {"model": UnreadableProblem, "description": "No canvas can be read or written."}}


def add_canvas_routes(router: APIRouter) -> None:
    """Adds the routes that need only the canvas of the request."""
    router.add_api_route(
        "/canvas/validate", validate, methods=["POST"], summary="Report the problems of a canvas"
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


def validate(body: CanvasText) -> CanvasFound:
    """Parse a canvas in any form and report each repair with its line."""
    reading = formats.read(body.text)
    return CanvasFound(
        readable=reading.canvas is not None,
        regions=len(reading.canvas.regions) if reading.canvas else 0,
        diagnostics=findings(reading.diagnostics),
    )


def convert(body: ConvertRequest) -> CanvasWritten | Response:
    """Convert a canvas in any form to another form, and report what that form does not store."""
    reading = formats.read(body.text)
    if reading.canvas is None:
        return _unreadable(reading)
    try:
        written = conversion.convert(reading.canvas, body.to, (body.width, body.height))
    except formats.CanvasWriteError as error:
        return problem(422, f"the canvas cannot be written as {body.to}: {error}")
    return CanvasWritten(
        to=body.to,
        text=written.text,
        diagnostics=findings(reading.diagnostics),
        losses=findings(written.losses),
    )


def preview(body: PreviewRequest) -> Response:
    """Draw every region as a patch of its colour, distant regions first."""
    reading = formats.read(body.text)
    if reading.canvas is None:
        return _unreadable(reading)
    png = io.BytesIO()
    draw(reading.canvas, (body.width, body.height), body.outlines).save(png, "PNG")
    return Response(png.getvalue(), media_type="image/png")


def findings(diagnostics: Iterable[Diagnostic]) -> list[Finding]:
    """Returns diagnostics in the API's form."""
    return [Finding(**asdict(item)) for item in diagnostics]


def _unreadable(reading: Reading) -> Response:
    """Returns the 422 response for a text that holds no canvas."""
    diagnostics = [asdict(item) for item in reading.diagnostics]
    error = next((item for item in reading.diagnostics if item.severity == "error"), None)
    reason = f": {error.message}" if error else ""
    return problem(422, f"no canvas can be read in the text{reason}", diagnostics=diagnostics)
