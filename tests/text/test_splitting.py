import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.prompt_texts import normalise
from lib_omost.text.prompt_syntax import parse_emphasis
from lib_omost.text.splitting import split_sub_prompt
from lib_omost.text.sub_prompt import SubPrompt
from tests.text.counting import count_words, literal


def parts(text: str, room: int, first_room: int = 0, syntax: str = "plain") -> list[str]:
    split = split_sub_prompt(SubPrompt(text, syntax), room, count_words, first_room)  # type: ignore[arg-type]
    return [part.text for part in split.parts]


def test_a_text_that_fits_is_not_split() -> None:
    assert split_sub_prompt(SubPrompt("a b c."), 3, count_words).parts == (SubPrompt("a b c."),)
    assert split_sub_prompt(SubPrompt("a b c."), 3, count_words).boundary == ""


@pytest.mark.parametrize(
    ("text", "room", "expected", "boundary"),
    [
        ("a b. c, d. e f.", 4, ["a b. c, d.", "e f."], "sentences"),
        ("a b c, d e, f g.", 5, ["a b c, d e.", "f g."], "commas"),
        ("a,b,c d.", 4, ["a,b,c d."], ""),
        ("a a,b b,c c.", 3, ["a a.", "b b.", "c c."], "commas"),
        ("a b c d e.", 3, ["a b c.", "d e."], "words"),
        ("abcdabcdabcdab.", 2, ["abcdabcd.", "abcdab."], "characters"),
        ("a b. c c c c c, d.", 3, ["a b.", "c c c.", "c c, d."], "words"),
    ],
)
def test_the_best_boundary_within_reach_is_used(
    text: str, room: int, expected: list[str], boundary: str
) -> None:
    split = split_sub_prompt(SubPrompt(text), room, count_words)
    assert [part.text for part in split.parts] == expected
    assert split.boundary == boundary


def test_the_comma_of_a_number_is_no_boundary() -> None:
    assert parts("costs 10,000 in all.", 2) == ["costs.", "10,000.", "in all."]


def test_the_first_part_fills_the_current_bag_only_at_a_comma_or_better() -> None:
    assert parts("a, b, c, d, e.", 4, first_room=2) == ["a, b.", "c, d, e."]
    assert parts("a b c d e.", 4, first_room=2) == ["a b c d.", "e."]


def test_parts_keep_their_weights() -> None:
    assert parts("(a, b:1.3).", 1, syntax="webui") == ["(a:1.3).", "(b:1.3)."]
    assert parts("x (a, [b c], \\(d\\)).", 2, syntax="webui") == [
        "x (a:1.1).",
        "b c.",
        r"(\(d\):1.1).",
    ]


def test_parts_keep_their_owner() -> None:
    split = split_sub_prompt(SubPrompt("a, b.", "plain", "region 1"), 1, count_words)
    assert [part.owner for part in split.parts] == ["region 1", "region 1"]


def test_a_character_with_more_tokens_than_the_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="'x' alone has more than 74 tokens"):
        split_sub_prompt(SubPrompt("x."), 74, lambda sub_prompt: 100)


def test_the_work_for_a_long_text_is_linear() -> None:
    counted = 0

    def count(sub_prompt: SubPrompt) -> int:
        nonlocal counted
        counted += len(sub_prompt.text)
        return count_words(sub_prompt)

    text = "some words, " * 5_000
    split_sub_prompt(SubPrompt(normalise(text)), 50, count)
    assert counted < 20 * len(text)


texts = st.lists(
    st.sampled_from(["fox", "hare,", "snow.", "(old", "tree)", "[low]", "(sun:1.3),", "a" * 90]),
    min_size=1,
    max_size=40,
).map(lambda words: normalise(" ".join(words)))


@given(texts, st.sampled_from(["plain", "webui"]), st.integers(2, 30), st.integers(0, 30))
def test_no_letter_is_lost_and_every_part_fits(
    text: str, syntax: str, room: int, first_room: int
) -> None:
    sub_prompt = SubPrompt(text, syntax)  # type: ignore[arg-type]
    split = split_sub_prompt(sub_prompt, room, count_words, min(room, first_room)).parts
    assert all(count_words(part) <= room for part in split)
    assert all(part.text == normalise(part.text) for part in split)
    letters = weighted_letters(sub_prompt)
    assert [pair for part in split for pair in weighted_letters(part)] == letters


def weighted_letters(sub_prompt: SubPrompt) -> list[tuple[str, float]]:
    if sub_prompt.syntax == "plain":
        return [(letter, 1.0) for letter in literal(sub_prompt) if letter not in " .,"]
    return [
        (letter, pytest.approx(weight))
        for text, weight in parse_emphasis(sub_prompt.text)
        for letter in text
        if letter not in " .,"
    ]
