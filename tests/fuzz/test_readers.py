"""Hostile texts: no reader raises what it does not promise, or takes more than a second.

`make test` reads the texts that were found once (corpus/); `make test-slow` looks for new ones, for
a minute in each reader, and keeps what it finds beside them. The name of a file in corpus/ says
which reader it is for.
"""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.mutation import text_for
from tests.fuzz.readers import READERS

CORPUS = Path(__file__).parent / "corpus"
FOUND = sorted(CORPUS.glob("*.txt"))
SECONDS = 60
MOST_SECONDS = 1.0
"""Of this process's own time for one text, however busy the machine is."""


class TooSlowError(Exception):
    """A text took more than its second."""


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise TooSlowError within the block when its second of this process's time is over."""

    def stop(*_: object) -> None:
        raise TooSlowError

    former = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)


def keep(name: str, text: str) -> Path:
    """Keep a text that a reader failed at."""
    data = text.encode("utf-8", "surrogatepass")
    file = CORPUS / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.txt"
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("file", FOUND, ids=[file.stem for file in FOUND])
def test_what_was_found_once_is_read(file):
    text = file.read_bytes().decode("utf-8", "surrogatepass")
    READERS[file.stem.split("-")[0]].read(text)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_no_text_is_too_much(name):
    reader = READERS[name]
    seed = time.time_ns()
    random = Random(seed)
    end = time.monotonic() + SECONDS
    tried = 0
    while time.monotonic() < end:
        text = text_for(random, reader.examples, reader.words)
        tried += 1
        try:
            with time_limit():
                reader.read(text)
        except Exception as error:
            file = keep(name, text)
            pytest.fail(f"{error!r:.300} after {tried} texts of seed {seed}; kept as {file.name}")
    print(f"{name}: {tried:,} texts of seed {seed}")
    assert tried > 100
