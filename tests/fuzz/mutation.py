"""Texts for a reader: its examples changed, words of its grammar repeated, or both."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

MOST = 300_000
"""Characters of a text; no reader takes more than 400,000."""


def text_for(random: Random, examples: Sequence[str], words: Sequence[str]) -> str:
    """Return the next text."""
    kind = random.random()
    if kind < 0.3:
        return _repeated(random, examples, words)
    if kind < 0.4:
        return _nested(random, words)
    text = random.choice(examples) if kind < 0.9 else ""
    for _ in range(random.randint(1, 12)):
        text = _changed(random, text, examples, words)
    return text[:MOST]


def _repeated(random: Random, examples: Sequence[str], words: Sequence[str]) -> str:
    """A few words over and over, in an example or bare: what is slow shows in long texts."""
    part = "".join(random.choices(words, k=random.randint(1, 5)))
    example = random.choice([*examples, ""])
    cut = random.randint(0, len(example))
    count = random.choice((10, 1000, MOST)) // len(part)
    ends = "".join(random.choices(words, k=random.randint(0, 3)))
    return example[:cut] + part * count + ends + example[cut:] * random.randint(0, 1)


def _nested(random: Random, words: Sequence[str]) -> str:
    count = random.choice((10, 30, 300, 3000, 30_000))
    opened = "".join(random.choices(words, k=random.randint(1, 3)))
    return opened * count + random.choice(words) + random.choice(words) * count


def _changed(random: Random, text: str, examples: Sequence[str], words: Sequence[str]) -> str:
    start = random.randint(0, len(text))
    end = min(len(text), start + random.choice((0, 0, 1, 5, 50, 500)))
    other = random.choice(examples)
    piece = random.randint(0, len(other))
    between = random.choice(
        (
            "".join(random.choices(words, k=random.randint(1, 4))),
            random.choice(words) * random.choice((2, 50, 5000)),
            other[piece : piece + random.choice((5, 50, 500))],
            text[start:end] * random.choice((0, 2, 20)),
            "9" * random.choice((1, 5, 310, 5000)),
            chr(random.choice((0, 9, 127, 160, 0x2028, 0xFFFD, 0x1F98A))),
        )
    )
    return text[:start] + between + text[end:]
