"""No regular expression of the readers takes more than linear time for any text."""

from __future__ import annotations

import ast
import inspect
import itertools
import random
import re
import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from tests.growth.regex_steps import Steps
from tests.growth.work import patterns

ALPHABET = [*"a1 \n\t.,:;=_-+#'\"()[]{}<>|\\`~/*", "AND", "x:", "u"]
COUNT = 24


@dataclass(frozen=True)
class Regex:
    """A pattern, and whether it is looked for anywhere in a text or only tried at one place."""

    pattern: re.Pattern[str]
    sought: bool = True


def steps(regex: Regex, text: str) -> int:
    """The steps of finding all matches, or of the one trial."""
    pattern = regex.pattern
    counter = Steps(pattern)
    if not regex.sought:
        counter.at(text, 0)
        return counter.taken
    place = 0
    for found in pattern.finditer(text):
        counter.up_to(text, place, found.start())
        place = max(found.end(), found.start() + 1)
    counter.up_to(text, place, len(text))
    return counter.taken


def growth(regex: Regex, start: str, part: str, end: str) -> float:
    """How many times as many steps a text of twice as many parts takes."""
    few, many = (steps(regex, start + part * count + end) for count in (COUNT, 2 * COUNT))
    return many / few


def texts(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """Beginnings, repeated parts and ends, of the letters that the pattern speaks of."""
    own = [letter for letter in set(re.sub(r"\\[sdwDSWb]", "", pattern.pattern)) if letter != "?"]
    letters = sorted({*own, *ALPHABET})
    chosen = random.Random(ascii(pattern.pattern))
    single = [("", letter, "") for letter in letters]
    begun = [(chosen.choice(letters), chosen.choice(letters), "") for _ in range(60)]
    pairs = [(chosen.choice(letters), "".join(chosen.choices(letters, k=2)), "") for _ in range(30)]
    closed = [(*chosen.choices(letters, k=2), chosen.choice(letters)) for _ in range(30)]
    ended = [("", *pair) for pair in itertools.permutations(signs(pattern), 2)]
    chosen.shuffle(ended)
    return [*single, *begun, *pairs, *closed, *ended[:60]]


def signs(pattern: re.Pattern[str]) -> list[str]:
    """Characters but letters and digits that a pattern names."""
    codes = re.findall(r"LITERAL, (\d+)", repr(Steps(pattern).nodes))
    return sorted({sign for code in codes if not (sign := chr(int(code))).isalnum()})


def is_sought(module: ModuleType, name: str) -> bool:
    """Whether a module uses a pattern otherwise than to try it at one place."""
    nodes = ast.walk(ast.parse(inspect.getsource(module)))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    used = {node.attr for node in attributes if ast.unparse(node.value) == name}
    return not used or not used <= {"match", "fullmatch", "pattern"}


ALL = {
    pattern.pattern: Regex(pattern, is_sought(module, str(name)))
    for module, _, name, pattern in patterns()
    if module.__name__ != "lib_omost.llm.grammar"  # it reads what we wrote ourselves
}


@pytest.fixture(autouse=True)
def deep_recursion():
    """The counter calls itself for each letter."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize("regex", ALL.values(), ids=lambda regex: ascii(regex.pattern.pattern)[:40])
def test_twice_the_text_takes_less_than_three_times_the_steps(regex):
    slow = [text for text in texts(regex.pattern) if growth(regex, *text) >= 3]
    assert slow == []


@pytest.mark.parametrize(
    ("pattern", "part"),
    [(r"<\w+:[^>]+>", "<a:"), (r":\s*\d+\.?\d*\)", "1"), (r"(?:a|b)*c", "ab"), (r"\s+$", " ")],
)
def test_the_counter_sees_what_is_quadratic(pattern, part):
    regex = Regex(re.compile(pattern))
    ends = ("", "b")
    assert max(growth(regex, ":" * (part == "1"), part, end) for end in ends) >= 3


@pytest.mark.parametrize("text", ["", "a:1.5)", "(a [b", '"x\\"y"', "salt AND\npepper", "##\n(1)"])
def test_the_counter_matches_where_python_does(text):
    known = [regex.pattern for regex in ALL.values()]
    for pattern, place in itertools.product(known, range(len(text) + 1)):
        assert Steps(pattern).at(text, place) is bool(pattern.match(text, place)), pattern.pattern
