"""The routes in the host's app: where it serves an API at all, and behind its accounts."""

from __future__ import annotations

from collections.abc import Callable
from secrets import compare_digest
from typing import Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from lib_omost.hosts import callbacks
from lib_omost.webui.api.routes import mount
from lib_omost.webui.composing import get_composing
from lib_omost.webui.library import get_library

BASIC = Depends(HTTPBasic())


def register() -> None:
    """Ask the host to add the routes to each app that it starts; its UI reload forgets that."""
    callbacks.add("app_started", add_routes, __file__)


def add_routes(demo: Any, app: FastAPI) -> None:
    """Add the routes to an app that has none of them, where the host serves an API."""
    from modules import shared

    options = shared.cmd_opts
    if not (options.api or options.nowebui) or getattr(app.state, "serves_omost", False):
        return
    app.state.serves_omost = True
    guards = [Depends(_guard(options.api_auth))] if options.api_auth else []
    mount(app, get_composing, get_library, guards)


def _guard(accounts: str) -> Callable[..., None]:
    """The host's rule for its API: --api-auth "user:password,user:password"."""
    passwords = dict(account.split(":") for account in accounts.split(","))

    def check(credentials: HTTPBasicCredentials = BASIC) -> None:
        password = passwords.get(credentials.username)
        if password is None or not compare_digest(credentials.password.encode(), password.encode()):
            raise HTTPException(
                401, "Incorrect username or password", headers={"WWW-Authenticate": "Basic"}
            )

    return check
