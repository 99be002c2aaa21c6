"""Reads and writes plans: short JSON in which a small language model lists things and their places.

A plan needs about a third of the tokens of a canvas. It has phrases for positions ("left of the
window"), words for sizes, and no numbers; `arrangement` computes the boxes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib_omost.canvas.colors import color_name, match_color
from lib_omost.canvas.diagnostics import DiagnosticCollector
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import Box, Canvas, Color, Region
from lib_omost.canvas.plans.arrangement import arrange_things
from lib_omost.canvas.plans.box_words import DEPTHS, SIZES, name_box
from lib_omost.canvas.plans.picture_sentence import PictureSentence
from lib_omost.canvas.plans.planned_things import PlannedThing
from lib_omost.canvas.plans.position_phrases import (
    PhraseParser,
    Position,
    is_supplement,
    single_name,
)

PLAN_FIELDS = ("picture", "style", "background", "color")
THING_FIELDS = ("thing", "where", "size", "color", "looks")

_GRAY: Color = (128, 128, 128)


def is_plan(data: object) -> bool:
    """Returns whether parsed JSON is an object with a list of things."""
    return isinstance(data, dict) and isinstance(data.get("things"), list)


def read_plan(data: Mapping[str, Any], diagnostics: DiagnosticCollector) -> Canvas:
    """Reads a plan. A missing or unknown size becomes "medium".

    Args:
        data: An object that `is_plan` accepts.
        diagnostics: Receives the diagnostics.
    """
    items = [item for item in data["things"] if isinstance(item, dict) and _text(item, "thing")]
    if len(items) < len(data["things"]):
        diagnostics.warning("a thing of the plan has no text; it is left out")
    if len(items) > MAX_REGIONS:
        diagnostics.warning(f"only the first {MAX_REGIONS} things are read")
    picture = _text(data, "picture")
    items = _separate_pairs(_complete_names(items, picture))[:MAX_REGIONS]
    names = [_text(item, "thing") for item in items]
    parser = PhraseParser(names)
    stated = [parser.parse(_text(item, "where"), index) for index, item in enumerate(items)]
    sentence = PictureSentence(picture, names)
    positions = [
        sentence.position(index, position, parser) for index, position in enumerate(stated)
    ]
    things = [
        _planned_thing(item, position, diagnostics)
        for item, position in zip(items, positions, strict=True)
    ]
    style = _text(data, "style")
    regions = tuple(
        thing_region(
            _with_phrase(item, position), arranged.box, arranged.distance, style, diagnostics
        )
        for item, position, arranged in zip(items, stated, arrange_things(things), strict=True)
    )
    background = _text(data, "background")
    tags = (*map(_without_article, names), background, style)
    return Canvas(
        description=_sentence(picture),
        detailed_descriptions=(_sentence(background),) if background else (),
        tags=", ".join(dict.fromkeys(filter(None, tags))),
        color=_color(data, "the picture", diagnostics),
        regions=regions,
    )


def thing_region(
    item: Mapping[str, Any],
    box: Box,
    distance: float,
    style: str,
    diagnostics: DiagnosticCollector,
) -> Region:
    """Builds the region of a thing.

    Args:
        item: The object of the thing, with THING_FIELDS.
        box: The region's box.
        distance: The distance to the viewer.
        style: The style of the picture, "" for none.
        diagnostics: Receives the diagnostics.
    """
    name, looks = _text(item, "thing"), _text(item, "looks")
    return Region(
        place=box,
        distance_to_viewer=distance,
        description=_sentence(name),
        detailed_descriptions=(_sentence(looks),) if looks else (),
        tags=_without_article(name),
        color=_color(item, name, diagnostics),
        style=f"{_capitalized(style)} style." if style else "",
    )


def write_plan(canvas: Canvas) -> dict[str, Any]:
    """Returns the plan of a canvas whose boxes the words of a plan can only approximate."""
    things = []
    for region in canvas.regions:
        where, size = name_box(region.box)
        thing = {
            "thing": region.description.rstrip("."),
            "where": where,
            "size": size,
            "depth": _depth(region.distance_to_viewer),
            "color": color_name(region.color) or "gray",
            "looks": " ".join(region.detailed_descriptions[:1]),
        }
        things.append(thing)
    style = next((region.style for region in canvas.regions if region.style), "")
    style = style.removeprefix("The style is ").removesuffix(".").removesuffix(" style")
    style = style[:1].lower() + style[1:]
    background = " ".join(canvas.detailed_descriptions[:1]).rstrip(".")
    color = color_name(canvas.color) or "gray"
    picture = (canvas.description, style, background, color)
    return {**dict(zip(PLAN_FIELDS, picture, strict=True)), "things": things}


def word_of(item: Mapping[str, Any], key: str, words: Sequence[str]) -> tuple[str, bool]:
    """Returns the word of a field and whether the field has it; else the first word of the list."""
    text = _text(item, key).casefold().replace("-", " ")
    return (text, True) if text in words else (words[0], False)


def _complete_names(items: Sequence[dict[str, Any]], picture: str) -> list[dict[str, Any]]:
    names = PictureSentence(picture, [_text(item, "thing") for item in items]).complete_names()
    return [{**item, "thing": name} for item, name in zip(items, names, strict=True)]


def _with_phrase(item: Mapping[str, Any], position: Position) -> Mapping[str, Any]:
    """Appends a phrase that names no place to the name: "a dog jumping over the fence"."""
    phrase = _text(item, "where")
    if position == Position() and is_supplement(phrase):
        return {**item, "thing": f"{_text(item, 'thing')} {phrase}"}
    return item


def _separate_pairs(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replaces "two trees" by two things "a tree" if another thing is between them."""
    names = [_text(item, "thing") for item in items]
    parser = PhraseParser(names)
    pairs = {
        relation.others[0]
        for index, item in enumerate(items)
        for relation in parser.parse(_text(item, "where"), index).relations
        if relation.kind == "between" and relation.others[0] == relation.others[1]
    }
    separated: list[dict[str, Any]] = []
    for index, item in enumerate(items):
        one = single_name(names[index]) if index in pairs else None
        separated += [item] if one is None else [{**item, "thing": one}] * 2
    return separated


def _planned_thing(
    item: Mapping[str, Any], position: Position, diagnostics: DiagnosticCollector
) -> PlannedThing:
    name = _text(item, "thing")
    size, is_known = word_of(item, "size", tuple(SIZES))
    if not is_known:
        diagnostics.warning(f"{name}: size {item.get('size')!r} is unknown; {size} is used")
    depth = DEPTHS[word_of(item, "depth", tuple(DEPTHS))[0]] if item.get("depth") else None
    return PlannedThing(name, size, position, depth)


def _depth(distance: float) -> str:
    return min(DEPTHS, key=lambda word: abs(DEPTHS[word] - distance))


def _color(item: Mapping[str, Any], where: str, diagnostics: DiagnosticCollector) -> Color:
    text = _text(item, "color")
    match = match_color(text) if text else None
    if match is None:
        diagnostics.warning(f"{where}: {text!r} is no colour; gray is used")
        return _GRAY
    return match.color


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key, "")
    return " ".join(str(value).split()) if isinstance(value, (str, int, float)) else ""


def _sentence(text: str) -> str:
    text = text.rstrip(" .")
    return f"{_capitalized(text)}." if text else ""


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _without_article(text: str) -> str:
    first, _, rest = text.partition(" ")
    return rest if first.casefold() in ("a", "an", "the") and rest else text
