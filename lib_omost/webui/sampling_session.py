"""What Omost holds in the running program: the host, its hooks at the moment, what it reuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property

from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.compose.composed_canvases import ComposedCanvases
from lib_omost.hosts.canvas_encoding import EncodingCache
from lib_omost.hosts.protocol import Host
from lib_omost.program.port import JobProgram


class SamplingSession:
    """The one place where something of ours is installed in the host, by one sampling at a time.

    A generation that crashed leaves its hooks behind; whoever comes next clears them. Clearing is
    safe to repeat.
    """

    def __init__(
        self, find_host: Callable[[], Host], program: JobProgram, compositions: ComposedCanvases
    ) -> None:
        self._find_host = find_host
        self._installed = ExitStack()
        self.program = program
        self.encodings = EncodingCache()
        self.compositions = compositions

    @cached_property
    def host(self) -> Host:
        """The host, found when the first generation asks for it."""
        return self._find_host()

    @contextmanager
    def sampling(self, regional_pass: RegionalPass) -> Iterator[None]:
        """Let a pass, and no earlier one, answer for the sampling that is about to run."""
        self.clear()
        self._installed.enter_context(self.host.sampling(regional_pass))
        try:
            yield
        finally:
            self.clear()

    def clear(self) -> None:
        """Take out of the host what was installed."""
        self._installed.close()
