"""transformers' generate() with a model of a few thousand parameters; no network, no weights."""

import threading

import pytest
import torch

from lib_omost.llm.engine import Done, Failed, Text, Thinking
from lib_omost.llm.transformers_engine import TransformersEngine
from tests.llm import tiny
from tests.llm.asking import SCRIPT, answer, scripted, stream, task, text_of


def test_a_script_comes_out_whole_and_in_pieces(folder):
    *events, end = stream(scripted(folder), task("hi", max_new_tokens=400))
    pieces = [event.text for event in events if isinstance(event, Text)]
    assert "".join(pieces) == SCRIPT
    assert len(pieces) > 60
    assert not [piece for piece in pieces if "\ufffd" in piece]
    assert end == Done("finished", len(SCRIPT.encode()))


def test_thinking_is_apart_from_the_answer(folder):
    engine = scripted(folder, f"<think>A cat?</think>{SCRIPT}")
    *events, end = stream(engine, task("a cat", max_new_tokens=200))
    thinking = [event.text for event in events if isinstance(event, Thinking)]
    assert "".join(thinking) == "A cat?"
    assert text_of(events) == SCRIPT
    assert end.thinking_tokens == len(thinking)


def test_progress_of_loading_comes_first(folder):
    events = list(stream(scripted(folder, "x"), task("hi")))
    first = next(i for i, event in enumerate(events) if isinstance(event, Text))
    said = [event.message for event in events[:first]]
    assert any("tokenizer" in message for message in said)
    assert f"Loading {folder}" in said
    assert said[-1] == "Writing"


def test_bytes_that_are_no_character_do_not_hold_back_the_rest(folder):
    engine = scripted(folder)
    tokens = [*b"a", *[0xFF, 0xFF, 0xFE] * 3, *b"bcd"]

    class Bytes(tiny.Script):
        def __init__(self, tokenizer, task):
            super().__init__(tokenizer, "")
            of = tokenizer.convert_tokens_to_ids
            letters = {0xFF: "ÿ", 0xFE: "þ"}
            ids = [of(letters.get(byte, chr(byte))) for byte in tokens]
            self._tokens = iter([*ids, tokenizer.eos_token_id])

    engine._grammar_factory = Bytes
    pieces = [event.text for event in stream(engine, task("hi")) if isinstance(event, Text)]
    assert "".join(pieces) == "a" + "\ufffd" * 9 + "bcd"
    assert len(pieces) > 5


def test_an_answer_that_ends_within_a_character_ends_with_the_mark(folder):
    *events, end = stream(scripted(folder, "ab🐈"), task("hi", max_new_tokens=4))
    assert text_of(events) == "ab\ufffd"
    assert end == Done("length", 4)


def test_the_longest_answer(folder):
    *events, end = stream(scripted(folder, "x" * 50), task("hi", max_new_tokens=20))
    assert text_of(events) == "x" * 20
    assert end == Done("length", 20)


def test_the_context_bounds_the_answer(folder):
    request = "r" * (tiny.CONTEXT - 3 - 7)  # three special tokens around it
    *events, end = stream(scripted(folder, "abcdefghij"), task(request, max_new_tokens=60))
    assert (text_of(events), end) == ("abcdefg", Done("length", 7))


def test_a_full_context_window_is_reported(folder):
    (*_, end) = stream(scripted(folder), task("r" * tiny.CONTEXT))
    assert isinstance(end, Failed)
    assert f"reads {tiny.CONTEXT}: start a new chat" in end.message


def test_a_loop_is_stopped(folder):
    *events, end = stream(scripted(folder, "round and " * 200), task("hi", max_new_tokens=2000))
    assert end.reason == "repetition"
    assert len(text_of(events)) < 400


@pytest.mark.parametrize(
    ("canvas_only", "trained", "used"),
    [(None, False, True), (None, True, False), (True, True, True), (False, False, False)],
)
def test_when_the_grammar_is_used(folder, tmp_path, canvas_only, trained, used):
    if trained:
        folder = str(tiny.save(tmp_path / "omost-llama-3-8b"))
    text = answer(scripted(folder, "forced"), task("hi", canvas_only=canvas_only))
    assert (text == "forced") == used


def test_a_template_without_a_system_role_reads_it_in_the_request(engine):
    *_, end = stream(engine, task("hi"))
    assert isinstance(end, Done)
    tokenizer = engine._loaded.tokenizer
    refuse = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}"
    plain = engine.count(task("rules\n\nhi").messages)
    tokenizer.chat_template = refuse + tiny.TEMPLATE
    messages = ({"role": "system", "content": "rules"}, {"role": "user", "content": "hi"})
    assert engine.count(messages) == plain


def test_the_same_seed_writes_the_same_text_and_another_seed_another(engine, folder):
    first, again, other = (answer(engine, task("hi", seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert answer(TransformersEngine(folder, device="cpu"), task("hi", seed=1)) == first


def test_greedy_decoding_ignores_the_seed_and_reads_the_request(engine):
    greedy = [answer(engine, task("hi", seed=seed, temperature=0)) for seed in (1, 2)]
    assert greedy[0] == greedy[1] != answer(engine, task("ho", temperature=0))


def test_a_small_nucleus_is_greedy(engine):
    greedy = answer(engine, task("hi", temperature=0))
    assert answer(engine, task("hi", temperature=1.5, top_p=0.0)) == greedy
    assert answer(engine, task("hi", temperature=1.5, top_p=1.0)) != greedy


def test_nucleus_sampling_follows_the_probabilities():
    from lib_omost.llm.answer_generation import NucleusSampler

    sampler = NucleusSampler(task("hi", temperature=2.0, top_p=0.75, seed=3))
    chances = torch.tensor([0.1, 0.4, 0.2, 0.3])
    scores = 2.0 * chances.log()[None]
    drawn = [int(sampler(torch.zeros(1, 1), scores).argmax()) for _ in range(3000)]
    counts = torch.bincount(torch.tensor(drawn), minlength=4) / 3000
    # 0.4 and 0.3 stay below 0.75, and 0.2 is the one that goes beyond.
    assert torch.allclose(counts, torch.tensor([0, 4 / 9, 2 / 9, 3 / 9]), atol=0.03)


def test_the_global_random_generator_is_unchanged(folder):
    torch.manual_seed(123)
    before = torch.get_rng_state()
    assert answer(TransformersEngine(folder, device="cpu"), task("hi", temperature=1.0))
    assert torch.equal(torch.get_rng_state(), before)


def test_counting_loads_no_weights_and_counts_what_is_read(engine, monkeypatch):
    monkeypatch.setattr("lib_omost.llm.model_loading.load_network", None)
    # One byte, one token; one for each role and each end.
    assert engine.count(task("hello", "you").messages) == 5 + 3 + 5


def test_two_at_once_take_turns(folder):
    engine = scripted(folder, "abcdef", seconds=0.01)
    texts = {}
    threads = [
        threading.Thread(target=lambda i=i: texts.update({i: answer(engine, task("hi"))}))
        for i in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert texts == dict.fromkeys(range(3), "abcdef")
