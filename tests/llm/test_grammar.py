"""Grammars and schemas, tested with real parsers and with generate() of a tiny model."""

import itertools
import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer
from llguidance.gbnf_to_lark import gbnf_to_lark
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from lib_omost.canvas import formats
from lib_omost.canvas.code_reader import read_code, write_code
from lib_omost.canvas.diagnostics import Reading
from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.llm import grammar
from tests.canvas import strategies
from tests.transcripts import TRANSCRIPTS
from training.composer.conversations import random_turn

ROOT = Path(__file__).parents[2]
ANSWERS = [answer for transcript in TRANSCRIPTS for answer in transcript.answers]
END = "<|end|>"

BOAT = """```python
canvas = Canvas()

canvas.set_global_description(
    description='A harbour at dawn.',
    detailed_descriptions=[
        'The water is calm.',
    ],
    tags='harbour, dawn, calm water',
    HTML_web_color_name='steelblue',
)

canvas.add_local_description(
    location='on the left',
    offset='slightly to the upper-right',
    area='a small square area',
    distance_to_viewer=2.5,
    description='A red boat.',
    detailed_descriptions=[
        'The boat is old, with a red hull.',
    ],
    tags='boat, red hull, rope',
    atmosphere='It is calm.',
    style='The style is plain.',
    quality_meta='Fine detail.',
    HTML_web_color_name='red',
)
```"""
REGION = BOAT[BOAT.index("\ncanvas.add") : -3]
TWO = BOAT.replace(REGION, REGION * 2)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer of bytes and a few byte pairs."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    bare.train_from_iterator([BOAT], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=bare, eos_token=END, pad_token=END)


@pytest.fixture(scope="module")
def prepared(tokenizer: PreTrainedTokenizerFast) -> LLTokenizer:
    return grammar.index_tokenizer(tokenizer)


def example(name: str) -> str:
    """The code block of a shipped answer."""
    text = (ROOT / "examples" / name).read_text(encoding="utf-8")
    return text[text.index("```python") : text.rindex("```") + 3]


def accepts(prepared: LLTokenizer, rules: str, text: str) -> bool:
    """Tells whether a text as a whole follows a grammar."""
    matcher = LLMatcher(prepared, rules, log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    tokens = prepared.tokenize_str(text)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


def generate(tokenizer: PreTrainedTokenizerFast, processor: Any, seed: int) -> str:
    """Returns the continuation that an untrained model generates for the prompt "a boat"."""
    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer) + 4,  # as models whose embedding is padded have it
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=1,
            max_position_embeddings=16_384,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    prompt = tokenizer("a boat", return_tensors="pt").input_ids
    tokens = model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        do_sample=True,
        max_new_tokens=8000,
        logits_processor=[processor],
    )[0, prompt.shape[1] :]
    assert tokens[-1] == tokenizer.eos_token_id
    return str(tokenizer.decode(tokens, skip_special_tokens=True))


# Canvas code


def test_each_regions_description_names_a_subject(prepared: LLTokenizer) -> None:
    for subjects, taken in ((["boat", "sea"], True), (["sea"], False)):
        assert accepts(prepared, grammar.lark_grammar("narrow", subjects), TWO) == taken


def test_the_narrow_grammar_takes_plain_canvases(prepared: LLTokenizer) -> None:
    assert accepts(prepared, grammar.lark_grammar(), TWO)
    assert not accepts(prepared, grammar.lark_grammar(), BOAT)  # one region makes no composition


def test_the_wide_grammar_accepts_whole_answers(prepared: LLTokenizer) -> None:
    assert len(ANSWERS) >= 2
    assert all(accepts(prepared, grammar.lark_grammar("wide"), answer) for answer in ANSWERS)


def test_the_wide_grammar_takes_what_the_composer_learns(prepared: LLTokenizer) -> None:
    turns = [random_turn(random.Random(number)) for number in range(20)]
    assert {len(turn.messages) for turn in turns} == {1, 2}
    assert all(
        accepts(prepared, grammar.lark_grammar("wide"), turn.answer["content"]) for turn in turns
    )


@pytest.mark.parametrize("name", ["harbour.txt", "shapes.txt"])
def test_the_wide_grammar_takes_the_examples(prepared: LLTokenizer, name: str) -> None:
    assert accepts(prepared, grammar.lark_grammar("wide"), example(name))


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ("'on the left'", "'on the lower-left'"),
        ("'slightly to the upper-right'", "'slightly to the right-upper'"),
        ("'a small square area'", "'a tiny area'"),
        ("'steelblue'", "'steel blue'"),
        ("'steelblue'", "'#4682b4'"),
        ("distance_to_viewer=2.5", "distance_to_viewer=0.0"),
        ("distance_to_viewer=2.5", "distance_to_viewer=-1.0"),
        ("    style='The style is plain.',\n", ""),
        ("    style='The style is plain.',\n", "    mood='calm',\n"),
        ("'A red boat.'", "'A red boat."),
        ("'A red boat.'", "'The boat's hull.'"),
        ("'A red boat.'", "'A red\nboat.'"),
        ("'A red boat.'", "'A red \\boat.'"),
        ("'A red boat.'", f"'{'A' * 401}'"),
        ("'A red boat.'", "'A red boat\ufffd'"),
        ("    ],\n", "    \n"),
        (")\n```", ")\nprint(canvas)\n```"),
        ("```python", "```"),
        ("\n```", ""),
    ],
)
def test_both_grammars_refuse(prepared: LLTokenizer, written: str, broken: str) -> None:
    for rules, text in (
        (grammar.lark_grammar("wide"), BOAT),
        (grammar.lark_grammar("narrow"), TWO),
    ):
        assert accepts(prepared, rules, text)
        assert not accepts(prepared, rules, text.replace(written, broken, 1))


@settings(max_examples=150)
@given(canvas=strategies.code_canvases)
def test_the_wide_grammar_takes_whatever_is_written(prepared: LLTokenizer, canvas: Canvas) -> None:
    assert accepts(prepared, grammar.lark_grammar("wide"), f"```python\n{write_code(canvas)}```")


@pytest.mark.parametrize("kind", ["location", "offset", "area"])
def test_every_place_is_in_the_grammar(prepared: LLTokenizer, kind: str) -> None:
    for word in grammar.FIELD_VOCABULARIES[kind]:
        region = Region(description="A boat.", place=Place(**{kind: word}))
        code = write_code(Canvas(description="A harbour.", regions=(region,)))
        assert accepts(prepared, grammar.lark_grammar("wide"), f"```python\n{code}```")


@pytest.mark.parametrize("seed", range(4))
def test_a_model_that_learned_nothing_writes_a_canvas(
    tokenizer: PreTrainedTokenizerFast, seed: int
) -> None:
    text = generate(tokenizer, grammar.logits_processor(tokenizer, grammar.lark_grammar()), seed)
    reading = read_code(text)
    assert reading.canvas is not None
    assert reading == Reading(reading.canvas)
    assert 2 <= len(reading.canvas.regions) <= 6


# The processor


def test_only_the_end_follows_a_whole_canvas(tokenizer: PreTrainedTokenizerFast) -> None:
    processor = grammar.logits_processor(tokenizer, 'start: "ab"')
    prompt = [5, 6, 7]
    scores = torch.zeros(1, len(tokenizer))
    a, b = tokenizer.convert_tokens_to_ids(["a", "b"])

    def allowed(tokens: list[int]) -> list[int]:
        return processor(torch.tensor([tokens]), scores)[0].isfinite().nonzero()[:, 0].tolist()

    assert allowed(prompt) == [a]
    assert allowed([*prompt, a]) == [b]
    assert allowed([*prompt, a, b]) == [tokenizer.eos_token_id]


def test_what_must_follow_is_known_beforehand(tokenizer: PreTrainedTokenizerFast) -> None:
    processor = grammar.logits_processor(tokenizer, 'start: "ab" /[cd]/ "e"')
    a, b, c, e = tokenizer.convert_tokens_to_ids(["a", "b", "c", "e"])
    assert processor.forced_tokens([5, 6, 7]) == [a, b]
    assert processor.forced_tokens([5, 6, 7, a, b]) == []
    assert processor.forced_tokens([5, 6, 7, a, b, c]) == [e]
    assert processor.forced_tokens([5, 6, 7, a, b, c, e]) in ([], [tokenizer.eos_token_id])
    assert processor.forced_tokens([5, 6, 7, a, b, c, e, tokenizer.eos_token_id]) == []


def test_any_of_several_ends_may_follow(tokenizer: PreTrainedTokenizerFast) -> None:
    ends = [tokenizer.eos_token_id, 9]
    processor = grammar.logits_processor(grammar.index_tokenizer(tokenizer, ends), 'start: ""')
    allowed = processor(torch.tensor([[5]]), torch.zeros(1, len(tokenizer)))[0].isfinite()
    assert allowed.nonzero()[:, 0].tolist() == ends


def test_what_cannot_be_followed_is_said(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(grammar.GrammarError, match="cannot be applied"):
        grammar.logits_processor(tokenizer, "start: nowhere")
    processor = grammar.logits_processor(tokenizer, 'start: "ab"')
    with pytest.raises(grammar.GrammarError, match="one sequence"):
        processor(torch.zeros(2, 3, dtype=torch.long), torch.zeros(2, len(tokenizer)))
    processor(torch.tensor([[5]]), torch.zeros(1, len(tokenizer)))
    with pytest.raises(grammar.GrammarError, match="cannot be applied"):
        processor(torch.tensor([[5, 6]]), torch.zeros(1, len(tokenizer)))
    with pytest.raises(grammar.GrammarError, match="this tokenizer"):
        grammar.index_tokenizer("no tokenizer")


def test_without_llguidance_it_is_said_what_to_install(
    tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llguidance.hf", None)
    with pytest.raises(grammar.GrammarError, match="pip install llguidance"):
        grammar.logits_processor(tokenizer, grammar.lark_grammar())


def test_importing_it_loads_no_model_library() -> None:
    loaded = "import sys, lib_omost.llm.grammar, lib_omost.llm.system_prompt; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", loaded], cwd=ROOT, text=True).split()
    assert not {"torch", "transformers", "llguidance", "numpy"} & set(modules)


# llama.cpp


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_gbnf_has_the_rules_that_it_names(width: grammar.Width) -> None:
    rules = dict(line.split(" ::= ") for line in grammar.gbnf_grammar(width).splitlines())
    assert next(iter(rules)) == "root"
    bodies = (re.sub(r'"(\\.|[^"\\])*"|\[(\\.|[^]\\])*\]', "", body) for body in rules.values())
    named = set(itertools.chain(*(re.findall(r"[A-Za-z-]+", body) for body in bodies)))
    assert named == rules.keys() - {"root"}
    assert all(int(most) < 2000 for most in re.findall(r"(\d+)\}", grammar.gbnf_grammar(width)))


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_gbnf_is_the_same_grammar(prepared: LLTokenizer, width: grammar.Width) -> None:
    rules = gbnf_to_lark(grammar.gbnf_grammar(width))
    for text in (TWO, BOAT, *ANSWERS, example("shapes.txt"), TWO.replace("red", "rot")):
        expected = accepts(prepared, grammar.lark_grammar(width), text)
        assert accepts(prepared, rules, text) == expected


# JSON


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Returns a strategy for all documents that a schema allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "array":
        return st.lists(
            values(schema["items"]), min_size=schema["minItems"], max_size=schema["maxItems"]
        )
    if schema["type"] == "object":
        assert schema["required"] == list(schema["properties"])
        return st.fixed_dictionaries({k: values(v) for k, v in schema["properties"].items()})
    return strategies.texts


@settings(max_examples=50)
@given(values(grammar.canvas_json_schema()))
def test_what_the_schema_allows_is_read_without_a_word(value: Any) -> None:
    reading = formats.read(json.dumps(value))
    assert reading.canvas is not None
    assert reading == Reading(reading.canvas)
    assert len(reading.canvas.regions) == len(value["regions"])
    assert reading.canvas.extra == {}


def test_a_model_held_to_the_schema_writes_a_canvas(tokenizer: PreTrainedTokenizerFast) -> None:
    rules = LLMatcher.grammar_from_json_schema(grammar.canvas_json_schema())
    text = generate(tokenizer, grammar.logits_processor(tokenizer, rules), seed=0)
    reading = formats.read(text)
    assert reading.canvas is not None
    assert reading == Reading(reading.canvas)
