"""Reads the header of a GGUF file: the sizes of the model, without its weights.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lib_omost.llm.failures import UnusableError

Value = int | float | bool | str | tuple[int | float | bool, ...]
"""A value of the metadata."""

MAGIC = b"GGUF"
VERSIONS = (2, 3)
"""The versions of the format that llama.cpp reads."""

MAX_KEYS, MAX_STRING_BYTES, MAX_ARRAY_LENGTH = 10_000, 1 << 24, 1 << 24
"""Limits of a header; a file that exceeds them is damaged."""

_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
"""The format of `struct` for each numeric type."""
_STRING, _ARRAY = 8, 9


class DamagedError(UnusableError):
    """A file is no GGUF file, or it is damaged; the message states a remedy."""


@dataclass(frozen=True)
class GgufHeader:
    """The header of a GGUF file.

    Attributes:
        metadata: The metadata by key, without arrays of strings, such as the vocabulary.
        file_bytes: Size of the file.
    """

    metadata: Mapping[str, Value]
    file_bytes: int

    @property
    def architecture(self) -> str:
        """The name of the architecture, such as "llama"; "" if the file names none."""
        value = self.metadata.get("general.architecture")
        return value if isinstance(value, str) else ""

    @property
    def context(self) -> int | None:
        """The context window in tokens that the model was trained for, None if unknown."""
        return self._number("context_length")

    @property
    def layers(self) -> int:
        """Number of transformer layers; 0 if unknown."""
        return self._number("block_count") or 0

    @property
    def cache_bytes_per_token(self) -> int:
        """Size of the KV cache of one token in float16; 0 if unknown."""
        heads = self._number("attention.head_count") or 0
        width = self._number("embedding_length") or 0
        head_width = width // heads if heads else 0
        key = self._number("attention.key_length") or head_width
        value = self._number("attention.value_length") or head_width
        return 2 * (key + value) * self._cached_heads(heads)

    def _cached_heads(self, heads: int) -> int:
        """Returns the number of key heads of all layers; layers without attention have none."""
        cached = self.metadata.get(f"{self.architecture}.attention.head_count_kv", heads)
        if isinstance(cached, tuple):
            return sum(int(count) for count in cached)
        return int(cached) * self.layers if isinstance(cached, int) else 0

    def _number(self, key: str) -> int | None:
        value = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(value, tuple):  # one value for each layer
            value = max(value, default=None)
        return value if type(value) is int else None


def read_header(path: Path) -> GgufHeader:
    """Reads the header of a GGUF file.

    Args:
        path: The path of the file.

    Raises:
        DamagedError: The file is no GGUF file, or its header is damaged.
        OSError: The file is not readable.
    """
    with path.open("rb") as file:
        try:
            return GgufHeader(_metadata(file), path.stat().st_size)
        except (struct.error, ValueError, OverflowError, MemoryError) as error:
            raise DamagedError(
                f"The file {path.name} is damaged or incomplete ({error}): download it again."
            ) from error


def _metadata(file: IO[bytes]) -> dict[str, Value]:
    if file.read(4) != MAGIC:
        raise ValueError("it is no GGUF file")
    version, _, keys = _unpack(file, "IQQ")
    if version not in VERSIONS:
        raise ValueError(f"version {version} of the format is unknown")
    metadata = {}
    for _ in range(_checked(keys, MAX_KEYS)):
        name = _string(file).decode("utf-8", "replace")
        (kind,) = _unpack(file, "I")
        value = _value(file, kind)
        if value is not None:
            metadata[name] = value
    return metadata


def _value(file: IO[bytes], kind: int) -> Value | None:
    """Reads a value, None for an array of strings."""
    if kind == _STRING:
        return _string(file).decode("utf-8", "replace")
    if kind == _ARRAY:
        item_kind, length = _unpack(file, "IQ")
        _checked(length, MAX_ARRAY_LENGTH)
        if item_kind in _SCALARS:
            return _unpack(file, f"{length}{_SCALARS[item_kind]}")
        if item_kind != _STRING:
            raise ValueError(f"an array of type {item_kind} is unknown")
        for _ in range(length):
            _string(file)
        return None
    if kind not in _SCALARS:
        raise ValueError(f"type {kind} is unknown")
    number: int | float | bool = _unpack(file, _SCALARS[kind])[0]
    return number


def _string(file: IO[bytes]) -> bytes:
    (length,) = _unpack(file, "Q")
    text = file.read(_checked(length, MAX_STRING_BYTES))
    if len(text) < length:
        raise ValueError("the file ends in its header")
    return text


def _unpack(file: IO[bytes], layout: str) -> tuple[int, ...]:
    form = struct.Struct(f"<{layout}")
    values: tuple[int, ...] = form.unpack(file.read(form.size))
    return values


def _checked(number: int, limit: int) -> int:
    if number > limit:
        raise ValueError(f"the number {number} in its header is too large")
    return number
