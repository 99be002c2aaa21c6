from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.prompt_texts import normalise
from lib_omost.text.bags import Bag, greedy_bags
from lib_omost.text.prefix_paths import PromptPath
from lib_omost.text.sub_prompt import SubPrompt
from tests.text.counting import count_words, words


def bagged(prefixes: Sequence[int], suffixes: Sequence[int]) -> list[list[int]]:
    """Returns the token counts in each bag of a path whose texts have these token counts."""
    path = PromptPath(tuple(map(words, prefixes)), tuple(map(words, suffixes)))
    return [list(map(count_words, bag)) for bag in greedy_bags(path, count_words).bags]


def test_the_example_of_omost_s_documentation() -> None:
    assert bagged([], [25, 35, 5, 60, 15, 25]) == [[25, 35, 5], [60], [15, 25]]


@pytest.mark.parametrize(
    ("prefixes", "suffixes", "bags"),
    [
        ([10], [20, 44], [[10, 20, 44]]),
        ([10], [20, 45], [[10, 20], [10, 45]]),
        ([10, 12], [50, 2, 1], [[10, 12, 50, 2], [10, 12, 1]]),
        ([10, 12], [], [[10, 12]]),
        ([], [], [[]]),
        ([74], [], [[74]]),
        ([70], [4, 4], [[70, 4], [70, 4]]),
    ],
)
def test_bags_stay_under_75_tokens(
    prefixes: list[int], suffixes: list[int], bags: list[list[int]]
) -> None:
    assert bagged(prefixes, suffixes) == bags


def test_a_suffix_that_does_not_fit_beside_the_prefixes_is_split_with_a_note() -> None:
    tags = SubPrompt(", ".join(["two words"] * 30) + ".", "plain", "region 1 ('a fox')")
    bagging = greedy_bags(PromptPath((words(20),), (tags,)), lambda s: len(s.text.split()))
    assert [sum(len(s.text.split()) for s in bag) for bag in bagging.bags] == [74, 26]
    assert [str(note) for note in bagging.notes] == [
        "note: region 1 ('a fox'): 'two words, two words, two words, two wo…' has 60 tokens, "
        "but only 54 fit into a prompt chunk beside the descriptions that begin it; "
        "the text was split between commas"
    ]


def bag_sizes(path: PromptPath) -> list[int]:
    return [sum(map(count_words, bag)) for bag in greedy_bags(path, count_words).bags]


def test_a_split_suffix_fills_the_current_bag_if_enough_room_is_left() -> None:
    tags = SubPrompt(normalise(", ".join(["word"] * 80)))
    assert bag_sizes(PromptPath((), (words(30), tags))) == [74, 36]
    assert bag_sizes(PromptPath((), (words(60), tags))) == [60, 74, 6]


def test_a_word_longer_than_a_bag_is_split_with_a_warning() -> None:
    bagging = greedy_bags(PromptPath((words(10),), (SubPrompt("a" * 300 + "."),)), count_words)
    assert "".join(bag[1].text.rstrip(".") for bag in bagging.bags) == "a" * 300
    assert [note.severity for note in bagging.notes] == ["warning"]
    assert "between characters" in bagging.notes[0].message


class TestLongPrefixes:
    """Such prefixes are written once; the bags of suffixes begin with shorter prefixes."""

    def test_the_last_prefix_begins_the_bags_of_suffixes(self) -> None:
        assert bagged([60, 15], [30, 30]) == [[60], [15], [15, 30], [15, 30]]

    def test_a_long_description_is_split_and_its_beginning_begins_the_bags(self) -> None:
        assert bagged([80], [30]) == [[74], [6], [37, 30]]

    def test_a_long_description_without_suffixes_is_only_split(self) -> None:
        assert bagged([80], []) == [[74], [6]]

    def test_prefixes_that_nearly_fill_a_bag_are_shortened(self) -> None:
        assert bagged([10, 63], [25]) == [[10, 63], [37, 25]]

    def test_a_warning_names_the_region(self) -> None:
        own = SubPrompt(words(15).text, "plain", "region 3 ('a fox')")
        (note,) = greedy_bags(PromptPath((words(60), own), (words(30),)), count_words).notes
        assert note.severity == "warning"
        assert note.message.startswith("region 3 ('a fox'): the descriptions that begin every")
        assert "have 75 tokens" in note.message


def test_each_sub_prompt_is_counted_once() -> None:
    counted: list[SubPrompt] = []

    def count(sub_prompt: SubPrompt) -> int:
        counted.append(sub_prompt)
        return count_words(sub_prompt)

    path = PromptPath((words(9, "p"), words(10, "q")), tuple(words(20 + i, "s") for i in range(9)))
    greedy_bags(path, count)
    assert len(counted) == len(set(counted)) == 11


WORDS = ["fox", "hare,", "snow.", "mountains", "(x:1.2)", "b,c"]


def texts(words: list[str], most: int) -> st.SearchStrategy[SubPrompt]:
    some = st.lists(st.sampled_from(words), min_size=1, max_size=most)
    return some.map(lambda parts: SubPrompt(normalise(" ".join(parts))))


short = st.lists(texts(WORDS, 6), max_size=3).map(tuple)
long = st.lists(texts([*WORDS, "a" * 90], 50), max_size=8).map(tuple)


def letters(bag: Bag) -> str:
    text = "".join(sub_prompt.text for sub_prompt in bag)
    return text.translate(str.maketrans("", "", " .,"))


@given(short, long)
def test_every_bag_begins_with_the_prefixes_and_keeps_all_words_in_order(
    prefixes: Bag, suffixes: Bag
) -> None:
    bags = greedy_bags(PromptPath(prefixes, suffixes), count_words).bags
    assert all(sum(map(count_words, bag)) < 75 for bag in bags)
    assert all(bag[: len(prefixes)] == prefixes for bag in bags)
    assert "".join(letters(bag[len(prefixes) :]) for bag in bags) == letters(suffixes)


@given(long, long)
def test_no_word_is_lost_with_prefixes_of_any_length(prefixes: Bag, suffixes: Bag) -> None:
    bagging = greedy_bags(PromptPath(prefixes, suffixes), count_words)
    assert all(sum(map(count_words, bag)) < 75 for bag in bagging.bags)
    written = "".join(map(letters, bagging.bags))
    assert written.startswith(letters(prefixes))
    rest = iter(written[len(letters(prefixes)) :] if bagging.notes else written)
    assert all(letter in rest for letter in letters(suffixes))
