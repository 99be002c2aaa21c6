"""Routes to reload the UI as the button in Settings does, and to find out when it is done."""

from __future__ import annotations

from typing import Any

from modules import script_callbacks, shared, timer


def started() -> Any:
    """The times of the host's last start or reload, which it writes when all callbacks have run."""
    return timer.startup_record


def reload() -> None:
    shared.state.request_restart()


def on_app_started(demo: Any, app: Any) -> None:
    app.add_api_route("/omost-probe/started", started, methods=["GET"])
    app.add_api_route("/omost-probe/reload", reload, methods=["POST"])


script_callbacks.on_app_started(on_app_started)
