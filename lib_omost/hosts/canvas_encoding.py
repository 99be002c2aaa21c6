"""A canvas's text becomes the tokens that attention sees, the same way for every host."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.canvas.diagnostics import Diagnostic
from lib_omost.canvas.model import WHOLE, Canvas, Syntax
from lib_omost.hosts.protocol import EncodedBags, Host
from lib_omost.text.bags import greedy_bags
from lib_omost.text.prefix_paths import prompt_paths
from lib_omost.text.sub_prompt import Bag, SubPrompt


class CanvasEncoding(NamedTuple):
    """A canvas's conditions, and what there is to say about the texts they came from."""

    conditions: CanvasConditions
    notes: tuple[Diagnostic, ...]


class EncodingCache:
    """The encodings that were used last, as many as fit in `most_bytes`; the latest always stays.

    A canvas's bags are kept together: whether a bag shares its batch with others changes the last
    digits of its encoding, and a canvas must give the same picture whatever was made before it.
    """

    def __init__(self, most_bytes: int = 128 * 2**20) -> None:
        self.most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, EncodedBags] = OrderedDict()

    def encode(self, host: Host, bags: tuple[Bag, ...]) -> EncodedBags:
        """Return the host's encoding of these bags, encoding them only if it is not kept."""
        key = (host.name, host.encoding_key(), bags)
        if key not in self._kept:
            self._kept[key] = host.encode_bags(bags)
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and self._bytes() > self.most_bytes:
            self._kept.popitem(last=False)
        return self._kept[key]

    def clear(self) -> None:
        """Forget everything, and with it the memory that the encodings hold."""
        self._kept.clear()

    def _bytes(self) -> int:
        return sum(encoded.context.nbytes for encoded in self._kept.values())


def encode_canvas(
    canvas: Canvas,
    host: Host,
    *,
    canvas_text: Syntax = "plain",
    everywhere: SubPrompt | None = None,
    shared_prefix: bool = True,
    cache: EncodingCache,
) -> CanvasEncoding:
    """Encode a canvas as conditions: the whole picture's, then those of its regions far to near.

    canvas_text, everywhere and shared_prefix are those of `prompt_paths`. All bags of the canvas
    go to the host in one call.
    Raises PromptSyntaxError where the canvas asks for host syntax that a region cannot follow.
    """
    paths = prompt_paths(
        canvas, canvas_text=canvas_text, everywhere=everywhere, shared_prefix=shared_prefix
    )
    count_tokens = functools.cache(host.count_tokens)
    baggings = [greedy_bags(path, count_tokens) for path in paths]
    encoded = cache.encode(host, tuple(bag for bagging in baggings for bag in bagging.bags))
    conditions = CanvasConditions(
        context=encoded.context.flatten(0, 1),
        lengths=tuple(len(bagging.bags) * encoded.context.shape[1] for bagging in baggings),
        boxes=(WHOLE, *(region.box for region in canvas.far_to_near())),
        pooled=None if encoded.pooled is None else encoded.pooled[0],
    )
    return CanvasEncoding(conditions, tuple(note for bagging in baggings for note in bagging.notes))
