"""Completes answers that leave out what has not changed, such as "# rest unchanged".

A model sometimes writes only the changed regions or fields of the canvas before its answer. The
left-out parts come from that canvas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lib_omost.canvas.fences import fenced_blocks
from lib_omost.canvas.fields import CANVAS_FIELDS, REGION_FIELDS, FieldValue
from lib_omost.canvas.limits import MAX_REGIONS
from lib_omost.canvas.model import Box, Canvas, DescribedPart, Region
from lib_omost.canvas.region_matching import match_regions, shares_words

MAX_LINE_CHARACTERS = 200
"""Maximum length of a line that can be a placeholder."""

_COMMENT = re.compile(r"\s*(?:#|//|<!--|/\*|[\[(<](?!\w+[=(])|\.\.\.|…)")
_ELLIPSIS = re.compile(r"[\s#/\[\]()<>,\"'*-]*(?:\.\.\.|…)[\s#/\[\]()<>,\"'*-]*$")
_PARTS = re.compile(
    r"""\b(?:rest|remaining|remainder|others?|everything\ else|all\ else|existing|previous(?:ly)?
      | original|übrige\w*|restliche\w*|reste|resto|demás|autres|остальн\w+) \b
      | 其余|其他|其它|剩余|他の|残り|나머지""",
    re.VERBOSE | re.IGNORECASE,
)
_UNCHANGED = re.compile(
    r"""\b(?:unchanged|(?:the\ )?same|as\ (?:before|above|is)|remains?|stays?|keep|kept|omitted
      | identical|no\ changes?|not\ changed|here|above|unverändert|gleich|bleib\w*|inchangé\w*
      | sin\ cambios|igual\w*|без\ изменений) \b
      | 不变|相同|保持|省略|同じ|変更なし|그대로""",
    re.VERBOSE | re.IGNORECASE,
)
_CALL = re.compile(r"\s*(?:[\w.]+[ \t]*=[ \t]*)?[\w.]*\w\(|\s*\{")


@dataclass(frozen=True)
class Placeholder:
    """A line that stands for parts of the canvas that the answer leaves out.

    Attributes:
        text: The line.
        certain: False if the line may be a remark about the code after it.
    """

    text: str
    certain: bool = True


def find_placeholder(text: str) -> Placeholder | None:
    """Returns the first line of an answer's code that stands for left-out parts; None for none.

    Args:
        text: An answer. If it has code blocks, only lines inside them count.
    """
    blocks = [block.code for block in fenced_blocks(text)] or [text]
    uncertain = None
    for lines in (block.split("\n") for block in blocks):
        for number, line in enumerate(lines):
            if len(line) > MAX_LINE_CHARACTERS or not _COMMENT.match(line):
                continue
            if _ELLIPSIS.match(line) or (
                ("..." in line or "…" in line) and (_PARTS.search(line) or _UNCHANGED.search(line))
            ):
                return Placeholder(line.strip())
            if _PARTS.search(line) and _UNCHANGED.search(line):
                following = next(filter(str.strip, lines[number + 1 : number + 4]), "")
                if not _CALL.match(following):
                    return Placeholder(line.strip())
                uncertain = uncertain or Placeholder(line.strip(), certain=False)
    return uncertain


def says_unchanged(text: str) -> bool:
    """Returns whether a sentence of an answer says that the other parts have not changed."""
    lines = (line for line in text.split("\n") if len(line) <= 4 * MAX_LINE_CHARACTERS)
    return any(_PARTS.search(line) and _UNCHANGED.search(line) for line in lines)


def merge_partial(previous: Canvas, partial: Canvas) -> Canvas:
    """Replaces the changed regions of a canvas and adds the new ones.

    Args:
        previous: The canvas before the answer.
        partial: The canvas of an answer that leaves out unchanged regions. An empty global
            description is left out, too.
    """
    after_to_before = match_regions(previous.regions, partial.regions)
    before_to_after = {before: after for after, before in after_to_before.items()}
    regions = [
        partial.regions[before_to_after[position]] if position in before_to_after else region
        for position, region in enumerate(previous.regions)
    ]
    regions += [
        region for position, region in enumerate(partial.regions) if position not in after_to_before
    ]
    described = partial if partial.description else previous
    return replace(described, regions=tuple(regions[:MAX_REGIONS]))


def inherit_region(
    values: Mapping[str, FieldValue], previous: Canvas
) -> tuple[dict[str, FieldValue], Box | None]:
    """Completes the fields of a region from the same region of the canvas before the answer.

    Args:
        values: The fields that the answer contains.
        previous: The canvas before the answer.

    Returns:
        All fields, and the box of a region whose place has no name. The given fields and no box if
        the canvas does not contain the region.
    """
    region = _find_region(values, previous)
    if region is None:
        return dict(values), None
    has_place = any(name in values for name in ("location", "offset", "area"))
    box = region.place if isinstance(region.place, Box) and not has_place else None
    return {**_field_values(region, REGION_FIELDS), **values}, box


def inherit_global(values: Mapping[str, FieldValue], previous: Canvas) -> dict[str, FieldValue]:
    """Completes the fields of the global description from the canvas before the answer."""
    return {**_field_values(previous, CANVAS_FIELDS), **values}


def _find_region(values: Mapping[str, FieldValue], previous: Canvas) -> Region | None:
    """Returns the region that a call changes: by its description, its place, or as the only one."""
    if "description" in values:
        text = str(values["description"].value)
        matching = [region for region in previous.regions if region.description == text]
        matching = matching or [
            region for region in previous.regions if shares_words(region.description, text)
        ]
    elif "location" in values:
        location = values["location"].value
        matching = [
            region
            for region in previous.regions
            if not isinstance(region.place, Box) and region.place.location == location
        ]
    else:
        matching = list(previous.regions)
    return matching[0] if len(matching) == 1 else None


def _field_values(part: DescribedPart, names: tuple[str, ...]) -> dict[str, FieldValue]:
    values = {**vars(part), "HTML_web_color_name": list(part.color)}
    if isinstance(part, Region) and not isinstance(part.place, Box):
        values |= vars(part.place)
    if part.syntax != "plain":
        names = (*names, "syntax")
    return {name: FieldValue(_as_list(values[name])) for name in names if name in values}


def _as_list(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
