"""Property tests without a time limit (CI machines differ), and a clean memory of servers."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from lib_omost.llm.server.adaptation_memory import PROCESS_MEMORY

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def no_adaptations() -> Iterator[None]:
    """Servers of two tests may get the same port, and one must not know of the other's habits."""
    yield
    PROCESS_MEMORY.forget()
