"""Adds all routes of the API to a FastAPI app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI

from lib_omost.api import PREFIX
from lib_omost.api.canvas_routes import add_canvas_routes
from lib_omost.api.compose_routes import ComposeRoutes
from lib_omost.api.preset_routes import PresetRoutes
from lib_omost.api.request_bounds import PROBLEMS, BoundedRoute

if TYPE_CHECKING:
    from lib_omost.compose.service import ComposeService
    from lib_omost.presets.library import Library


def mount(
    app: FastAPI,
    composing: Callable[[], ComposeService],
    library: Callable[[], Library],
    guards: Sequence[Any] = (),
) -> None:
    """Adds the routes to an app.

    Args:
        app: The app of the WebUI or another one.
        composing: Returns the service that composes canvases. Each request calls it.
        library: Returns the canvas library. Each request calls it.
        guards: FastAPI dependencies that check access.
    """
    router = APIRouter(
        prefix=PREFIX,
        tags=["Omost"],
        dependencies=list(guards),
        route_class=BoundedRoute,
        responses=PROBLEMS,
    )
    add_canvas_routes(router)
    ComposeRoutes(composing).add_to(router)
    PresetRoutes(library).add_to(router)
    app.include_router(router)
