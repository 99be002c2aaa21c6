"""The error and the message for visitors of a WebUI that is open to the network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from pathlib import Path

from lib_omost.llm.engine import Event, Failed
from lib_omost.llm.environment_packages import PackageSet
from lib_omost.llm.model_environment import ModelEnvironment

RESTRICTED = (
    "This WebUI is open to the network, so only the listed models and the server that was set up "
    "before can be used, and keys, files and environments cannot be changed: start it without "
    "--listen, --share and --server-name to do so, or with --enable-insecure-extension-access."
)


class RestrictedError(ValueError):
    """A visitor asked for something that only the WebUI's owner may do; has the message."""

    def __init__(self) -> None:
        super().__init__(RESTRICTED)


class RestrictedEnvironment(ModelEnvironment):
    """An environment of language models that visitors of an open WebUI cannot build."""

    def __init__(
        self,
        folder: Path,
        packages: Callable[[], PackageSet],
        restricts_visitors: Callable[[], bool],
    ) -> None:
        super().__init__(folder, packages)
        self._restricts_visitors = restricts_visitors

    def build(self, cancel: threading.Event) -> Generator[Event, None, None]:
        """Builds the environment (ModelEnvironment.build), or fails if it is restricted."""
        if self._restricts_visitors():
            yield Failed(RESTRICTED)
            return
        yield from super().build(cancel)
