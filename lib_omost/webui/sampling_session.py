"""Installs the attention hooks for one sampling run and removes them after its end or interrupt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from lib_omost.compose.composed_canvases import ComposedCanvases
from lib_omost.program.port import JobProgram

if TYPE_CHECKING:
    from lib_omost.attention.regional_pass import RegionalPass
    from lib_omost.hosts.canvas_encoding import EncodingCache
    from lib_omost.hosts.protocol import Host


class SamplingSession:
    """Installs the attention hooks in the host, for one sampling at a time.

    Hooks that a crashed job left behind are removed by the next job.

    Args:
        find_host: Returns the host; called by the first job.
        program: The running WebUI.
        compositions: Composes canvases from prompts and caches them.
    """

    def __init__(
        self, find_host: Callable[[], Host], program: JobProgram, compositions: ComposedCanvases
    ) -> None:
        self._find_host = find_host
        self._installed = ExitStack()
        self.program = program
        self.compositions = compositions

    @cached_property
    def encodings(self) -> EncodingCache:
        """The cache of encoded canvases, created by the first job."""
        from lib_omost.hosts.canvas_encoding import EncodingCache

        return EncodingCache()

    @cached_property
    def host(self) -> Host:
        """The host, found at the first use."""
        return self._find_host()

    @contextmanager
    def sampling(self, regional_pass: RegionalPass) -> Iterator[None]:
        """Installs the hooks of a regional pass for the next sampling, and removes all others."""
        self.clear()
        self._installed.enter_context(self.host.sampling(regional_pass))
        try:
            yield
        finally:
            self.clear()

    def clear(self) -> None:
        """Removes all hooks from the host; safe to repeat."""
        self._installed.close()
