"""Remembers the adaptations of requests to servers, in this process and in a file."""

from __future__ import annotations

import functools
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lib_omost import atomic_files
from lib_omost.canvas.bounded_json import load_json
from lib_omost.llm.server.adaptation import (
    EFFORTS,
    LENGTH_FIELDS,
    MIN_ANSWER_TOKENS,
    OPTIONAL_FIELDS,
    Adaptation,
)

ADAPTATIONS_FILE = "server-adaptations.json"
"""Name of the file in Omost's data folder."""

MAX_MEMORIES = 256
"""Number of models whose adaptations are remembered."""

MAX_FILE_BYTES = 2**18
"""Longest file that is read; one of MAX_MEMORIES models is shorter."""

LIFETIME = 30 * 24 * 3600.0
"""Seconds after which an adaptation is forgotten: the server may accept more by then."""


@dataclass(frozen=True)
class _Memory:
    """An adaptation and the time at which the server accepted it first, in seconds since 1970."""

    adaptation: Adaptation
    learned: float


class AdaptationMemory:
    """The adaptations of models by server and name.

    Args:
        file: The file that stores them for the next process, None for this process only. A damaged
            file counts as empty.
        clock: Returns the time in seconds since 1970.
    """

    def __init__(self, file: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._known: dict[tuple[str, str], _Memory] | None = None  # least recently learned first
        self._lock = threading.Lock()

    def recall(self, address: str, model: str) -> Adaptation:
        """Returns the adaptation of a model."""
        with self._lock:
            memory = self._memories().get((address, model))
        if memory is None or not 0 <= self._clock() - memory.learned < LIFETIME:
            return Adaptation()
        return memory.adaptation

    def remember(self, address: str, model: str, adaptation: Adaptation) -> None:
        """Remembers an adaptation with which the server answered, and writes it into the file."""
        adaptation = replace(adaptation, room=None)
        if adaptation == self.recall(address, model):
            return
        with self._lock:
            known = self._memories()
            known.pop((address, model), None)
            known[address, model] = _Memory(adaptation, self._clock())
            for oldest in list(known)[:-MAX_MEMORIES]:
                del known[oldest]
            self._write(known)

    def forget(self) -> None:
        """Forgets all adaptations in this process; the file is unchanged."""
        with self._lock:
            self._known = None

    def _memories(self) -> dict[tuple[str, str], _Memory]:
        if self._known is None:
            self._known = _read(self._file) if self._file else {}
        return self._known

    def _write(self, known: dict[tuple[str, str], _Memory]) -> None:
        if self._file is None:
            return
        entries = [_entry(*names, memory) for names, memory in known.items()]
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic_files.write(self._file, json.dumps(entries).encode(), mode=0o600)
        except OSError as error:  # the answer is complete; only the next process asks again
            print(f"*** Omost: {self._file} cannot be written: {error}", file=sys.stderr)


PROCESS_MEMORY = AdaptationMemory()
"""The memory of engines without a file."""


@functools.cache
def adaptation_memory(file: Path) -> AdaptationMemory:
    """Returns the one memory of a file, because each answer has an engine of its own."""
    return AdaptationMemory(file)


def _entry(address: str, model: str, memory: _Memory) -> dict[str, Any]:
    adaptation = memory.adaptation
    return {
        "address": address,
        "model": model,
        "learned": memory.learned,
        "removed": sorted(adaptation.removed),
        "length_field": adaptation.length_field,
        "max_tokens": adaptation.max_tokens,
        "weakening": adaptation.weakening,
        "folds_system": adaptation.folds_system,
        "effort": adaptation.effort,
        "is_bare": adaptation.is_bare,
    }


def _read(file: Path) -> dict[tuple[str, str], _Memory]:
    """Reads the memories in a file; none if it is missing or damaged."""
    try:
        with file.open("rb") as opened:
            entries = load_json(opened.read(MAX_FILE_BYTES))
        return dict(map(_parse, entries[-MAX_MEMORIES:]))
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _parse(entry: dict[str, Any]) -> tuple[tuple[str, str], _Memory]:
    """Returns a model's address and name with its memory.

    Raises:
        ValueError, KeyError, TypeError: A value is missing or none that `_entry` writes.
    """
    adaptation = Adaptation(
        removed=frozenset(entry["removed"]),
        length_field=entry["length_field"],
        max_tokens=entry["max_tokens"],
        weakening=entry["weakening"],
        folds_system=entry["folds_system"],
        effort=entry["effort"],
        is_bare=entry["is_bare"],
    )
    limit = adaptation.max_tokens
    is_valid = (
        adaptation.removed <= {*OPTIONAL_FIELDS}
        and adaptation.length_field in LENGTH_FIELDS
        and (limit is None or (isinstance(limit, int) and limit >= MIN_ANSWER_TOKENS))
        and isinstance(adaptation.weakening, int)
        and adaptation.weakening >= 0
        and {type(adaptation.folds_system), type(adaptation.is_bare)} == {bool}
        and adaptation.effort in ("", *EFFORTS)
        and {type(entry["address"]), type(entry["model"])} == {str}
    )
    if not is_valid:
        raise ValueError
    return (entry["address"], entry["model"]), _Memory(adaptation, float(entry["learned"]))
