"""The KV cache between two turns of a conversation."""

import pytest
import torch

from lib_omost.llm import answer_generation, conversation_cache
from lib_omost.llm.engine import Failed
from lib_omost.llm.grammar import logits_processor
from lib_omost.llm.transformers_engine import TransformersEngine
from tests.llm import tiny
from tests.llm.asking import LONG, answer, prefill_start, stream, task, text_of


def turns(engine, **changes):
    first = answer(engine, task(LONG, **changes))
    second = task(LONG, first, "make it blue", **changes)
    return second, list(stream(engine, second))


def keys_of(cache):
    layers = getattr(cache, "layers", None)
    return cache.key_cache if layers is None else [layer.keys for layer in layers]


@pytest.mark.parametrize("changes", [{"temperature": 0}, {"temperature": 1.0, "seed": 4}])
def test_two_turns_with_the_cache_are_as_without(folder, changes):
    engines = [
        TransformersEngine(folder, device="cpu", grammar_factory=tiny.Letters) for _ in range(2)
    ]
    second, with_cache = turns(engines[0], **changes)
    without = list(stream(engines[1], second))
    assert text_of(with_cache) == text_of(without)
    assert with_cache[-1] == without[-1]
    assert len(set(text_of(without))) > 3
    assert prefill_start(without) == 0
    assert prefill_start(with_cache) > 0.95  # the written answer is not read either


def test_in_16_bits_the_cache_is_bit_for_bit_what_reading_from_the_start_gives(folder):
    engines = [
        TransformersEngine(folder, device="cpu", dtype="bfloat16", grammar_factory=tiny.Letters)
        for _ in range(2)
    ]
    second, with_cache = turns(engines[0], temperature=0)
    without = list(stream(engines[1], second))
    assert text_of(with_cache) == text_of(without)
    assert (
        0.5 < prefill_start(with_cache) < 0.9
    )  # whole blocks that were read, not what was written
    kept, fresh = (keys_of(engine._cache._cache) for engine in engines)
    assert len(kept) == len(fresh) == 2
    assert all(map(torch.equal, kept, fresh))


def test_an_earlier_message_that_was_edited_is_read_again(engine, folder):
    answer(engine, task(LONG, "one", "two", temperature=0))
    edited = task(LONG, "another", "two", temperature=0)
    events = list(stream(engine, edited))
    assert 0.5 < prefill_start(events) < 1
    assert text_of(events) == answer(TransformersEngine(folder, device="cpu"), edited)


def test_a_retry_reads_only_the_last_token(engine):
    first = answer(engine, task(LONG, seed=1))
    events = list(stream(engine, task(LONG, seed=1)))
    assert text_of(events) == first
    assert prefill_start(events) is None


def test_another_conversation_takes_nothing_over(engine, folder):
    answer(engine, task(LONG))
    other = task("b", temperature=0)
    assert answer(engine, other) == answer(TransformersEngine(folder, device="cpu"), other)


def test_after_a_failure_the_next_answer_is_right(engine, folder):
    def broken(tokenizer, task):
        raise RuntimeError("no grammar")

    answer(engine, task(LONG, temperature=0))
    engine._grammar_factory = broken
    assert isinstance(list(stream(engine, task(LONG, "x", "y")))[-1], Failed)
    engine._grammar_factory = None
    fresh = TransformersEngine(folder, device="cpu")
    texts = [answer(each, task(LONG, "z", "y", temperature=0)) for each in (engine, fresh)]
    assert texts[0] == texts[1]
    keys = [keys_of(each._cache._cache) for each in (engine, fresh)]
    assert all(map(torch.allclose, *keys))


def test_tokens_without_a_choice_are_read_at_once_and_the_answer_is_the_same(folder, monkeypatch):
    rules = 'start: "canvas = Canvas()\\n" /[abc]{3}/ "\\nand so it ends, all of a sudden"'

    def counted():
        engine = TransformersEngine(
            folder, device="cpu", grammar_factory=lambda t, _: logits_processor(t, rules)
        )
        answer(engine, task("load"))
        passes = []
        network = engine._loaded.network.base_model
        network.register_forward_hook(lambda *_: passes.append(1))
        return answer(engine, task("a boat", max_new_tokens=80, temperature=0)), len(passes)

    at_once, few = counted()
    monkeypatch.setattr(answer_generation, "MIN_FORCED_TOKENS", 10_000)
    one_by_one, many = counted()
    assert at_once == one_by_one
    assert at_once.startswith("canvas = Canvas()\n")
    assert at_once.endswith("all of a sudden")
    assert few < 10 < 50 < many


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"sliding_window": 64}, False),
        ({"sliding_window": 64, "use_sliding_window": False}, True),
        ({"layer_types": ["full_attention", "sliding_attention"]}, False),
        ({"rope_scaling": {"type": "longrope"}}, False),
        ({"rope_parameters": {"full_attention": {"rope_type": "dynamic"}}}, False),
    ],
)
def test_which_models_can_keep_their_attention(changes, kept):
    network = type("Network", (), {"config": type("Config", (), changes)})
    assert conversation_cache.is_reusable(network) == kept


def test_a_model_that_cannot_keep_it_answers_all_the_same(engine, folder, monkeypatch):
    second, with_cache = turns(engine, temperature=0)
    monkeypatch.setattr(conversation_cache, "is_reusable", lambda network: False)
    without = list(stream(TransformersEngine(folder, device="cpu"), second))
    assert text_of(without) == text_of(with_cache)
    assert prefill_start(without) is None
