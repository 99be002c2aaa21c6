"""Encodes the texts of a canvas as cross-attention conditions, with any host's text encoder."""

from __future__ import annotations

import functools
import weakref
from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.canvas.model import WHOLE_CANVAS, Canvas, Syntax
from lib_omost.hosts.protocol import EncodedBags, Host
from lib_omost.text.bags import Bag, greedy_bags
from lib_omost.text.prefix_paths import prompt_paths
from lib_omost.text.sub_prompt import SubPrompt


class CanvasEncoding(NamedTuple):
    """The conditions of a canvas and notes about its texts.

    Attributes:
        conditions: The encoded conditions.
        notes: Notes about texts that were split or shortened.
    """

    conditions: CanvasConditions
    notes: tuple[Diagnostic, ...]


EncodingKey = tuple[str, Hashable, tuple[Bag, ...]]
"""The host's name, its encoding key and the bags."""


class EncodingCache:
    """Caches the most recently used encodings up to a memory limit; the latest always stays.

    Encodings of text encoders that the host has unloaded are dropped.

    The bags of a canvas are one entry. The batch in which a bag is encoded changes the last digits
    of its encoding, and a canvas must give the same picture whatever was encoded before.

    Args:
        max_bytes: Limit of all contexts in bytes.
    """

    def __init__(self, max_bytes: int = 128 * 2**20) -> None:
        self.max_bytes = max_bytes
        self._entries: OrderedDict[tuple[str, Hashable, tuple[Bag, ...]], EncodedBags] = (
            OrderedDict()
        )

    def encode(self, host: Host, bags: tuple[Bag, ...]) -> EncodedBags:
        """Returns the cached encoding of the bags, or encodes them with the host.

        Args:
            host: Host whose text encoder is used.
            bags: All bags of one canvas or prompt.
        """
        key = (host.name, host.encoding_key(), bags)
        if key not in self._entries:
            self._drop_unloaded()
            self._entries[key] = host.encode_bags(bags)
        self._entries.move_to_end(key)
        while len(self._entries) > 1 and self._used_bytes() > self.max_bytes:
            self._entries.popitem(last=False)
        return self._entries[key]

    def _drop_unloaded(self) -> None:
        for key in list(self._entries):
            _, encoding_key, _ = key
            if _names_dead_object(encoding_key):
                del self._entries[key]

    def _used_bytes(self) -> int:
        return sum(encoded.context.nbytes for encoded in self._entries.values())


def _names_dead_object(key: Hashable) -> bool:
    """Returns True if a key, or a tuple in it, has a weak reference to a deleted object."""
    if isinstance(key, tuple):
        return any(map(_names_dead_object, key))
    return isinstance(key, weakref.ref) and key() is None


def encode_canvas(
    canvas: Canvas,
    host: Host,
    *,
    canvas_text: Syntax = "plain",
    common_prefix: SubPrompt | None = None,
    with_global_prefix: bool = True,
    cache: EncodingCache,
) -> CanvasEncoding:
    """Encodes a canvas: the global condition, then the regions far to near.

    All bags of the canvas are passed to the host in one call.

    Args:
        canvas: The canvas.
        host: Host whose text encoder is used.
        canvas_text: Syntax of the canvas's texts, see `prompt_paths`.
        common_prefix: Text that begins every bag, see `prompt_paths`.
        with_global_prefix: True if the global description begins the bags of the regions.
        cache: Cache of earlier encodings.

    Returns:
        The conditions and notes about texts that did not fit.

    Raises:
        PromptSyntaxError: A text uses prompt syntax that regions do not support.

    Source:
        docs/omost-format.md, "Bags and prefix paths"; `all_conds_from_canvas` in the Omost
        repository (lib_omost/pipeline.py).
    """
    paths = prompt_paths(
        canvas,
        canvas_text=canvas_text,
        common_prefix=common_prefix,
        with_global_prefix=with_global_prefix,
    )
    count_tokens = functools.cache(host.count_tokens)
    conditions = [greedy_bags(path, count_tokens) for path in paths]
    encoded = cache.encode(host, tuple(bag for condition in conditions for bag in condition.bags))
    return CanvasEncoding(
        CanvasConditions(
            context=encoded.context.flatten(0, 1),
            lengths=tuple(
                len(condition.bags) * encoded.context.shape[1] for condition in conditions
            ),
            boxes=(WHOLE_CANVAS, *(region.box for region in canvas.far_to_near())),
            pooled=None if encoded.pooled is None else encoded.pooled[0],
        ),
        tuple(note for condition in conditions for note in condition.notes),
    )
