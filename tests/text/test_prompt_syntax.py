import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.text.prompt_syntax import (
    MAX_CHARACTERS,
    MAX_NESTING,
    MAX_WEIGHT,
    PromptSyntaxError,
    check_syntax,
    escape_prompt_syntax,
    find_extra_networks,
    parse_emphasis,
    remove_extra_networks,
    write_emphasis,
)
from lib_omost.text.sub_prompt import SubPrompt


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("a man in a forest", [("a man in a forest", 1)]),
        ("a (word)", [("a ", 1), ("word", 1.1)]),
        ("a ((word))", [("a ", 1), ("word", 1.21)]),
        ("a [word]", [("a ", 1), ("word", 1 / 1.1)]),
        ("a (word:1.5)", [("a ", 1), ("word", 1.5)]),
        ("a (word: 0.25 )", [("a ", 1), ("word", 0.25)]),
        ("a (word:.5)", [("a ", 1), ("word", 0.5)]),
        ("((a) b:2)", [("a", 2.2), (" b", 2)]),
        ("[(a:1.1)] b", [("a b", 1)]),
        ("(a)(b)", [("ab", 1.1)]),
        (r"a \(word\)", [("a (word)", 1)]),
        (r"\[a\] \\ \b", [(r"[a] \ b", 1)]),
        ("(open", [("open", 1.1)]),
        ("[open (twice", [("open ", 1 / 1.1), ("twice", 1.0)]),
        ("closed) too]", [("closed) too]", 1)]),
        ("ratio 16:9", [("ratio 16:9", 1)]),
        ("(a:b)", [("a:b", 1.1)]),
        ("(a:1.2.3)", [("a:1.2.3", 1.1)]),
        ("a:1.2)", [("a:1.2)", 1)]),
    ],
)
def test_emphasis_is_parsed_into_pieces(text: str, pieces: list[tuple[str, float]]) -> None:
    read = parse_emphasis(text)
    assert [piece for piece, _ in read] == [piece for piece, _ in pieces]
    assert [weight for _, weight in read] == pytest.approx([weight for _, weight in pieces])


texts = st.text(
    st.sampled_from(list(r"ab ()[]:|\<>.,-_#0123456789")) | st.characters(), max_size=30
)


@given(texts, st.sampled_from([1.0, 0.0, 0.5, 1.1, -1.25, 10.0]))
def test_written_emphasis_parses_back(text: str, weight: float) -> None:
    expected = [(text, pytest.approx(weight))] if text else []
    assert parse_emphasis(write_emphasis(text, weight)) == expected


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a red fox, in snow.", "a red fox, in snow."),
        ("a fox (red)", r"a fox \(red\)"),
        ("[a|b] \\", r"\[a\|b\] " + "\\\\"),
        ("[a:b:0.5]", r"\[a:b:\0.5\]"),
        ("<lora:fox:1>", r"<\lora:fox:\1>"),
        ("ratio 16:9.", r"ratio 16:\9."),
        ("salt AND pepper BREAK", r"salt A\ND pepper B\REAK"),
        ("SAND, BREAKFAST, and, break", "SAND, BREAKFAST, and, break"),
        ("painted #ff0000", "painted ＃ff0000"),
    ],
)
def test_prompt_syntax_is_escaped(text: str, escaped: str) -> None:
    assert escape_prompt_syntax(text) == escaped


@given(st.lists(st.sampled_from(["AND", "BREAK", "<lora:x:1>", "[a:b:0.5]", ":1.2"]) | texts))
def test_every_parser_reads_escaped_text_literally(parts: list[str]) -> None:
    text = " ".join(parts)
    escaped = escape_prompt_syntax(text)
    assert not re.search(r"\bAND\b|\bBREAK\b|<\w+:[^>]+>|#|:\s*[-+]?[\d.]", escaped)
    check_syntax(SubPrompt(escaped, "webui"))
    read = parse_emphasis(escaped)
    assert read == ([(text.replace("#", "＃"), 1.0)] if text else [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a fox AND a hare", "AND"),
        ("a fox BREAK a hare", "BREAK"),
        ("a fox <lora:fur:0.8>", "<lora:fur:0.8>"),
        ("<hypernet:old:1>", "<hypernet:old:1>"),
        ("a [fox:hare:0.5] runs", "[fox:hare:0.5]"),
        ("a [fox:0.5]", "[fox:0.5]"),
        ("a [fox:hare:5e-1]", "[fox:hare:5e-1]"),
        ("a [fox::10]", "[fox::10]"),
        ("a [fox: .5 ]", "[fox: .5 ]"),
        ("a [fox|hare] runs", "[fox|hare]"),
        ("a [[fox]|(hare:1.2)]", "[[fox]|(hare:1.2)]"),
        ("([fox:hare:3]:1.2)", "[fox:hare:3]"),
    ],
)
def test_prompt_box_syntax_is_refused_in_a_region(text: str, found: str) -> None:
    with pytest.raises(PromptSyntaxError) as refusal:
        check_syntax(SubPrompt(text, "webui", "region 2 ('a fox')"))
    assert str(refusal.value).startswith(f"region 2 ('a fox') contains {found}, ")
    assert "Move it to the prompt box" in str(refusal.value)
    check_syntax(SubPrompt(text, "plain"))


def test_the_refusal_of_a_long_text_is_short() -> None:
    with pytest.raises(PromptSyntaxError) as refusal:
        check_syntax(SubPrompt(f"[{'a' * 1000}|b]", "webui"))
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize("bracket", ["(", "["])
def test_deeply_nested_brackets_are_refused(bracket: str) -> None:
    check_syntax(SubPrompt(bracket * MAX_NESTING, "webui"))
    with pytest.raises(PromptSyntaxError, match="more than 100 nested brackets"):
        check_syntax(SubPrompt(bracket * (MAX_NESTING + 1), "webui"))


def test_a_long_text_in_prompt_syntax_is_refused() -> None:
    check_syntax(SubPrompt("a" * MAX_CHARACTERS, "webui"))
    check_syntax(SubPrompt("a" * (MAX_CHARACTERS + 1), "plain"))
    with pytest.raises(PromptSyntaxError, match="a text of 50,001 characters in prompt syntax"):
        check_syntax(SubPrompt("a" * (MAX_CHARACTERS + 1), "webui"))


@pytest.mark.parametrize("text", ["(" * 9999 + "a", "(a:" + "9" * 999 + ")", "((a:0):1e999)"])
def test_every_weight_is_limited(text: str) -> None:
    assert all(abs(weight) <= MAX_WEIGHT for _, weight in parse_emphasis(text))


@pytest.mark.parametrize(
    ("text", "tags", "rest"),
    [
        ("a fox <lora:fur:1>, <lyco:b:2>", ["<lora:fur:1>", "<lyco:b:2>"], "a fox , "),
        ("a <b: c <lora:fur:1>", ["<b: c <lora:fur:1>"], "a "),
        ("<lora:a:1> <lora:b", ["<lora:a:1>"], " <lora:b"),
        ("1 < 2: 3 > 2", [], "1 < 2: 3 > 2"),
        ("<a:>", [], "<a:>"),
    ],
)
def test_extra_network_tags_are_found_and_removed(text: str, tags: list[str], rest: str) -> None:
    assert find_extra_networks(text) == tags
    assert remove_extra_networks(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "(fox:1.2), [hare], ((snow))",
        "[(fox:1.2)]",
        "[fox:hare]",
        r"\[fox:hare:0.5\]",
        r"[fox\:0.5]",
        "fox|hare",
        "a < b: c > d",
        "SAND and BREAKFAST",
        "ratio 16:9",
        "open [fox:0.5",
        "closed 0.5]",
    ],
)
def test_emphasis_and_plain_text_are_accepted(text: str) -> None:
    check_syntax(SubPrompt(text, "webui"))
