import weakref
from collections.abc import Hashable, Sequence
from dataclasses import replace

import pytest
import torch

from lib_omost.canvas.model import WHOLE_CANVAS, Box, Canvas, Region
from lib_omost.hosts.canvas_encoding import EncodingCache, encode_canvas
from lib_omost.hosts.protocol import EncodedBags
from lib_omost.text.bags import Bag
from lib_omost.text.sub_prompt import SubPrompt


class TextEncoder:
    """Stands for the text encoder of the loaded checkpoint."""


class CountingHost:
    """Encodes a bag as the number of its words and records its calls."""

    name = "counting"

    def __init__(self) -> None:
        self.calls: list[tuple[Bag, ...]] = []
        self.lora = "none"
        self.text_encoder = TextEncoder()

    def count_tokens(self, sub_prompt: SubPrompt) -> int:
        return len(sub_prompt.text.split())

    def encoding_key(self) -> Hashable:
        return (weakref.ref(self.text_encoder),), self.lora

    def encode_bags(self, bags: Sequence[Bag]) -> EncodedBags:
        self.calls.append(tuple(bags))
        words = [sum(self.count_tokens(part) for part in bag) for bag in bags]
        context = torch.tensor(words, dtype=torch.float32)[:, None, None].expand(-1, 77, 4)
        return EncodedBags(context.clone(), context[:, 0].clone())


FAR = Region(place=Box(0, 10, 0, 90), distance_to_viewer=9, description="far hills")
NEAR = Region(
    place=Box(50, 90, 0, 45),
    distance_to_viewer=1,
    description="a near cat",
    detailed_descriptions=(" ".join(["word"] * 60), " ".join(["other"] * 50)),
)
CANVAS = Canvas(description="a wide field", regions=(NEAR, FAR))


@pytest.fixture
def host() -> CountingHost:
    return CountingHost()


def test_conditions_are_global_first_then_far_to_near(host):
    conditions = encode_canvas(CANVAS, host, cache=EncodingCache()).conditions
    assert conditions.boxes == (WHOLE_CANVAS, FAR.box, NEAR.box)
    assert conditions.lengths == (77, 77, 2 * 77)
    first_of_each_bag = conditions.context[::77, 0].tolist()
    assert first_of_each_bag == [3, 3 + 2, 3 + 3 + 60, 3 + 3 + 50]


def test_hidden_regions_are_no_conditions(host):
    canvas = replace(CANVAS, regions=(replace(NEAR, hidden=True), FAR))
    without = replace(CANVAS, regions=(FAR,))
    conditions = encode_canvas(canvas, host, cache=EncodingCache()).conditions
    assert conditions.boxes == (WHOLE_CANVAS, FAR.box)
    encode_canvas(without, host, cache=EncodingCache())
    assert host.calls[0] == host.calls[1]


def test_the_pooled_vector_is_that_of_the_first_global_bag(host):
    conditions = encode_canvas(CANVAS, host, cache=EncodingCache()).conditions
    assert conditions.pooled.tolist() == [3] * 4


def test_all_bags_are_encoded_in_one_call_and_then_cached(host):
    cache = EncodingCache()
    encode_canvas(CANVAS, host, cache=cache)
    encode_canvas(CANVAS, host, cache=cache)
    assert [len(bags) for bags in host.calls] == [4]


def test_another_lora_needs_a_new_encoding(host):
    cache = EncodingCache()
    encode_canvas(CANVAS, host, cache=cache)
    host.lora = "paint"
    encode_canvas(CANVAS, host, cache=cache)
    assert len(host.calls) == 2


def test_another_syntax_needs_a_new_encoding(host):
    cache = EncodingCache()
    encode_canvas(CANVAS, host, cache=cache)
    encode_canvas(CANVAS, host, cache=cache, canvas_text="webui")
    assert len(host.calls) == 2


def test_a_moved_box_needs_no_new_encoding(host):
    cache = EncodingCache()
    encode_canvas(CANVAS, host, cache=cache)
    moved = Canvas(
        description="a wide field",
        regions=(
            NEAR,
            Region(place=Box(20, 30, 0, 90), distance_to_viewer=9, description="far hills"),
        ),
    )
    assert encode_canvas(moved, host, cache=cache).conditions.boxes[1] == Box(20, 30, 0, 90)
    assert len(host.calls) == 1


def test_the_cache_drops_the_least_recently_used_encoding(host):
    a, b, c = (((SubPrompt(text),),) for text in "abc")
    two = 2 * 77 * 4 * 4
    cache = EncodingCache(max_bytes=two)
    for bags in (a, b, a, c, a, b):
        cache.encode(host, bags)
    assert host.calls == [a, b, c, b]


def test_the_encodings_of_an_unloaded_checkpoint_leave_the_cache(host):
    cache = EncodingCache()
    first = weakref.ref(encode_canvas(CANVAS, host, cache=cache).conditions.context._base)
    assert first() is not None
    host.text_encoder = TextEncoder()
    encode_canvas(CANVAS, host, cache=cache)
    assert first() is None


def test_an_encoding_larger_than_the_cache_is_returned(host):
    assert encode_canvas(CANVAS, host, cache=EncodingCache(max_bytes=1)).conditions is not None


def test_split_texts_give_notes(host):
    long = Canvas(description="a field", tags=", ".join(f"tag{i}" for i in range(90)))
    assert any(
        "90 tokens" in str(note) for note in encode_canvas(long, host, cache=EncodingCache()).notes
    )
