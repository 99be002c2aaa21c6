"""What the host's rule for extensions keeps from the visitors of a WebUI open to the network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from pathlib import Path

from lib_omost.llm.engine import Event, Failed
from lib_omost.llm.model_environment import ModelEnvironment

RESTRICTED = (
    "This WebUI is open to the network, so only the listed models and the server that was set up "
    "before can be used, and keys, files and environments cannot be changed: start it without "
    "--listen, --share and --server-name to do so, or with --enable-insecure-extension-access."
)


def host_restricts() -> bool:
    """Tell whether the host's rule keeps its visitors from changing extensions."""
    from modules import shared

    return bool(shared.cmd_opts.disable_extension_access)


class RestrictedError(ValueError):
    """What the host's rule for extensions forbids; the message says so."""


class GuardedEnvironment(ModelEnvironment):
    """An environment that is made only where the host's rule allows it."""

    def __init__(self, folder: Path, restricted: Callable[[], bool]) -> None:
        super().__init__(folder)
        self._restricted = restricted

    def build(self, cancel: threading.Event) -> Generator[Event, None, None]:
        """Make it (Environment.build), or say why not."""
        if self._restricted():
            yield Failed(RESTRICTED)
            return
        yield from super().build(cancel)
