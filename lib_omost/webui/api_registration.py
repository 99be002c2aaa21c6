"""Adds Omost's API routes to the host's app, behind the host's accounts and origin rules."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from secrets import compare_digest
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from lib_omost.api.same_origin import SameOrigin, host_name
from lib_omost.program.port import JobProgram
from lib_omost.webui.named_arguments import accept_objects
from lib_omost.webui.services import get_compose_service, get_library

LOOPBACK = "127.0.0.1"

BASIC = Depends(HTTPBasic())


def register(program: JobProgram) -> None:
    """Asks the host to add the routes to each app that it starts; a UI reload forgets callbacks."""
    program.add_callback("app_started", add_routes, __file__)


def add_routes(demo: Any, app: FastAPI) -> None:
    """Adds the routes to an app if the host serves an API; an app gets them once."""
    from modules import shared

    options = shared.cmd_opts
    if not (options.api or options.nowebui) or getattr(app.state, "serves_omost", False):
        return
    app.state.serves_omost = True
    accept_objects(app)
    guards = [Depends(_check_origin(origin_rule(options)))]
    if options.api_auth:
        guards.append(Depends(_check_account(options.api_auth)))
    # Only a host that serves its API pays the 0.1 s that the schemas of the routes cost.
    from lib_omost.api.routes import mount

    mount(app, get_compose_service, get_library, guards)


def origin_rule(options: Any) -> SameOrigin:
    """Returns the rule for web pages that may call the API.

    Origins of --cors-allow-origins and --cors-allow-origins-regex may. A host that only this
    machine reaches accepts its loopback names. A host that is open to others (--listen, --share, a
    tunnel) accepts any name, because its names are not known here. With --api-auth it does too: a
    page that bound a foreign name to this machine has no account.

    Args:
        options: The host's command line.
    """
    origins = [o.strip() for o in (_option(options, "cors_allow_origins") or "").split(",")]
    pattern = _option(options, "cors_allow_origins_regex")

    def trusts(origin: str) -> bool:
        return "*" in origins or origin in origins or _matches(pattern, origin)

    opened = any(_option(options, name) for name in ("listen", "share", "ngrok", "api_auth"))
    bound = _option(options, "server_name") or os.environ.get("GRADIO_SERVER_NAME", LOOPBACK)
    return SameOrigin(
        names=frozenset(host_name(origin) for origin in origins if origin.startswith("http")),
        any_name=opened or bound not in (LOOPBACK, "localhost", "::1"),
        trusts=trusts,
        advice="Start the WebUI with --cors-allow-origins and this address if that is its own.",
    )


def _option(options: Any, name: str) -> Any:
    return getattr(options, name, None)


def _matches(pattern: str | None, origin: str) -> bool:
    return bool(pattern) and re.fullmatch(pattern or "", origin) is not None


def _check_origin(rule: SameOrigin) -> Callable[..., None]:
    """Returns a dependency that refuses requests of web pages from other origins."""

    def check(request: Request) -> None:
        why = rule.refusal(request.scope["headers"], request.method)
        if why:
            raise HTTPException(403, why)

    # FastAPI evaluates annotations, which are strings in this module.
    check.__annotations__["request"] = Request
    return check


def _check_account(accounts: str) -> Callable[..., None]:
    """Returns a dependency that asks for an account, as the host's own API does.

    Args:
        accounts: The value of --api-auth: "user:password,user:password".
    """
    passwords = dict(account.split(":") for account in accounts.split(","))

    def check(credentials: HTTPBasicCredentials = BASIC) -> None:
        password = passwords.get(credentials.username)
        if password is None or not compare_digest(credentials.password.encode(), password.encode()):
            raise HTTPException(
                401, "Incorrect username or password", headers={"WWW-Authenticate": "Basic"}
            )

    return check
