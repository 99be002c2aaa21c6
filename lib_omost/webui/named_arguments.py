"""Accepts Omost's arguments as one object in the host's API, instead of a list with that object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

SCRIPT_NAME = "omost"
"""Title of the script in lower case; the host ignores the case of names in `alwayson_scripts`."""

ROUTES = ("/sdapi/v1/txt2img", "/sdapi/v1/img2img")


def accept_objects(app: Any) -> None:
    """Lets both picture routes of the host accept `"args": {...}`.

    The host itself copies arguments by position and answers an object with an internal error.

    Args:
        app: The host's FastAPI app with its API.
    """
    for api in _apis(app):
        if hasattr(api, "init_script_args"):
            api.init_script_args = _listing_arguments(api.init_script_args)


def _apis(app: Any) -> set[Any]:
    """Returns the host's objects of class Api: the methods of one answer both routes."""
    routes = [route for route in app.routes if getattr(route, "path", "") in ROUTES]
    return {getattr(route.endpoint, "__self__", None) for route in routes}


def _listing_arguments(read: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps the host's method that reads the script arguments of a request."""

    @wraps(read)
    def read_arguments(request: Any, *rest: Any, **named: Any) -> Any:
        scripts = request.alwayson_scripts or {}
        for name, script in scripts.items():
            if name.lower() == SCRIPT_NAME and _has_object(script):
                scripts[name] = {**script, "args": [script["args"]]}
        return read(request, *rest, **named)

    return read_arguments


def _has_object(script: Any) -> bool:
    return isinstance(script, Mapping) and isinstance(script.get("args"), Mapping)
