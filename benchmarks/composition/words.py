"""Finds words, numbers and colours in the texts of a canvas."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Iterator

from lib_omost.canvas.model import Canvas, Color, DescribedPart, Region

NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "one 1 single ein eine un une una 一",
            "two 2 pair couple twin zwei deux dos 两 二",
            "three 3 trio drei trois tres 三",
            "four 4 vier quatre cuatro 四",
            "five 5 fünf cinq cinco 五",
            "six 6 sechs seis 六",
            "seven 7",
            "eight 8",
        ),
        start=1,
    )
    for word in words.split()
}
"""The number that each number word means."""

COLOR_WORDS = {
    word: family
    for family, words in {
        "red": "red crimson scarlet rot rote roten roter rouge rouges rojo roja rojas 红",
        "orange": "orange naranja 橙",
        "yellow": "yellow gelb gelbe jaune amarillo amarilla 黄",
        "gold": "gold golden",
        "green": "green emerald grün grüne grünen grünem vert verte verts verde verdes 绿",
        "blue": "blue azure navy turquoise blau blauen bleu bleue azul azules 蓝",
        "purple": "purple violet lilac lavender",
        "pink": "pink",
        "brown": "brown braun marrón brun",
        "black": "black schwarz schwarze schwarzen noir noire negro negra 黑",
        "white": "white weiß weiße weißem weißen blanc blanche blanco blanca 白",
        "gray": "gray grey silver grau gris 灰",
    }.items()
    for word in words.split()
}
"""The colour family of each colour word."""

IRREGULAR_PLURALS = {
    "child": "children",
    "woman": "women",
    "man": "men",
    "goose": "geese",
    "mouse": "mice",
    "person": "people",
    "leaf": "leaves",
    "loaf": "loaves",
    "bookshelf": "bookshelves",
}

WORDS_BEFORE, WORDS_AFTER = 4, 6
"""Distance between a thing and its number or colour in a sentence, in words."""

_HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (170, "green"),
    (258, "blue"),
    (300, "purple"),
    (345, "pink"),
    (361, "red"),
)
"""The colour families by hue: the upper end of each in degrees."""


def sentences(part: DescribedPart) -> Iterator[str]:
    """Yields the texts of a canvas or region; each tag is a text of its own."""
    yield part.description
    yield from part.detailed_descriptions
    yield from part.tags.split(",")
    if isinstance(part, Region):
        yield from (part.atmosphere, part.style, part.quality_meta)


def all_sentences(canvas: Canvas) -> Iterator[str]:
    """Yields all texts of a canvas and its regions."""
    for part in (canvas, *canvas.regions):
        yield from sentences(part)


def tokens(text: str) -> list[str]:
    """Splits a text into words in lower case; each Chinese character is a word."""
    return re.findall(r"[\u4e00-\u9fff]|[^\W_]+(?:['’-][^\W_]+)*", text.casefold())


def positions(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Returns where a text contains one of the words: first and last token of each place.

    Args:
        text: Any text.
        words: Lemmas or phrases in lower case; plurals are found as well.
    """
    return [(start, end) for start, end, _ in _places(tokens(text), words)]


def mentions(text: str, words: Iterable[str]) -> bool:
    """Returns whether a text contains one of the words."""
    return bool(positions(text, words))


def stated_count(text: str, words: Iterable[str]) -> int | None:
    """Returns the number of things that a text describes, None if it does not say.

    "three ripe apples" is 3, "an apple" is 1, and "apples" says nothing.
    """
    found = tokens(text)
    for start, _end, is_plural in _places(found, words):
        before = found[max(start - WORDS_BEFORE, 0) : start]
        numbers = [NUMBERS[word] for word in before if word in NUMBERS]
        if numbers:
            return numbers[-1]
        if not is_plural:
            return 1
    return None


def stated_colors(text: str, words: Iterable[str], others: Iterable[str] = ()) -> set[str]:
    """Returns the colour families that a text gives to a thing.

    A colour belongs to the thing if it precedes the thing within a few words ("a red car") or
    follows it within a few words in the same sentence ("the car is red"), without another thing
    between them.

    Args:
        text: Any text.
        words: The words for the thing.
        others: The words for other things.
    """
    families: set[str] = set()
    for sentence in re.split(r"[.;!?。]", text):
        found = tokens(sentence)
        other_places = {start for start, _, _ in _places(found, others)}
        for start, end, _ in _places(found, words):
            for place in range(start - 1, max(start - WORDS_BEFORE, 0) - 1, -1):
                if place in other_places:
                    break
                families |= {COLOR_WORDS[found[place]]} if found[place] in COLOR_WORDS else set()
            for place in range(end + 1, min(end + 1 + WORDS_AFTER, len(found))):
                if place in other_places:
                    break
                # "the car and a blue ball": the colour precedes the next thing
                if found[place] in COLOR_WORDS and not other_places & {place + 1, place + 2}:
                    families.add(COLOR_WORDS[found[place]])
            families |= {
                COLOR_WORDS[word] for word in found[start : end + 1] if word in COLOR_WORDS
            }
    return families


def color_families(color: Color) -> set[str]:
    """Returns the colour families that a person may call an RGB colour."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in color))
    if value < 0.2:
        return {"black"}
    if saturation < 0.16:
        return (
            {"white"} if value > 0.9 else {"white", "gray"} if value > 0.78 else {"gray", "black"}
        )
    name = next(name for end, name in _HUES if hue * 360 < end)
    families = {name}
    degrees = hue * 360
    if degrees < 48 and value < 0.85 and not (degrees < 5 and saturation > 0.85):
        families.add("brown")
    if name in ("red", "pink") and saturation < 0.6 and value > 0.8:
        families |= {"pink"}
    if name == "orange" and saturation < 0.4 and value > 0.75:
        families |= {"white", "brown", "yellow"} if saturation < 0.25 else {"brown", "yellow"}
    if 35 <= degrees < 65:
        families |= {"gold", "yellow"}
    if name == "yellow" and saturation < 0.25:
        families.add("white")
    if 160 <= degrees < 190:
        families |= {"green", "blue"}
    if 255 <= degrees < 262 or 295 <= degrees < 330:
        families |= {"purple", "pink"} if degrees > 290 else {"blue", "purple"}
    if value < 0.35:
        families.add("black")
    return families


def is_vivid(color: Color) -> bool:
    """Returns whether an RGB colour is neither nearly gray nor nearly black."""
    _, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in color))
    return saturation > 0.3 and value > 0.3


def _places(found: list[str], words: Iterable[str]) -> list[tuple[int, int, bool]]:
    """Returns first token, last token and whether it is a plural, for each place of a word."""
    places: list[tuple[int, int, bool]] = []
    for word in words:
        parts = tokens(word)
        for start in range(len(found) - len(parts) + 1):
            *head, last = found[start : start + len(parts)]
            if head == parts[:-1] and last in (parts[-1], *_plurals(parts[-1])):
                is_plural = last != parts[-1] or last in IRREGULAR_PLURALS.values()
                places.append((start, start + len(parts) - 1, is_plural))
    return sorted(set(places))


def _plurals(word: str) -> tuple[str, ...]:
    ending = (word[:-1] + "ies",) if word.endswith("y") else ()
    irregular = (IRREGULAR_PLURALS[word],) if word in IRREGULAR_PLURALS else ()
    return (word + "s", word + "es", word + "'s", *ending, *irregular)
