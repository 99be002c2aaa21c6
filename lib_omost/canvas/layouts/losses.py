"""Reports which content of a canvas another format does not store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lib_omost.canvas.diagnostics import Diagnostic, DiagnosticCollector
from lib_omost.canvas.layouts.texts import one_text
from lib_omost.canvas.model import Canvas, DescribedPart, Region
from lib_omost.canvas.prompt_texts import suffix_texts

MAX_SHIFT = 0.5
"""Largest displacement of an edge, in canvas units, that counts as rounding."""

Pair = tuple[str, DescribedPart, DescribedPart]
"""The name of a part of the canvas, the part before and the part after."""


def find_losses(before: Canvas, after: Canvas) -> tuple[Diagnostic, ...]:
    """Compares a canvas with the canvas that was read back after writing it.

    Args:
        before: The canvas that was written.
        after: The canvas that the written text contains.

    Returns:
        A warning for each kind of content that is gone or changed, and a note for each that is
        stored in another way; each names the parts.
    """
    diagnostics = DiagnosticCollector()
    written = before.far_to_near()
    read_back = _matching(written, after.far_to_near())
    names = {id(region): f"region {number}" for number, region in enumerate(before.regions, 1)}
    regions = [
        (names[id(region)], region, other)
        for region, other in zip(written, read_back, strict=True)
        if other is not None
    ]
    missing = [
        names[id(region)] for region, other in zip(written, read_back, strict=True) if other is None
    ]
    if missing:
        diagnostics.warning(f"{_list(missing)}: left out")
    hidden = [names[id(region)] for region in before.regions if region.hidden]
    if hidden and not any(region.hidden for region in after.regions):
        diagnostics.warning(f"{_list(hidden)}: left out: hidden regions")
    _compare_texts([("the global description", before, after), *regions], diagnostics)
    _compare_places(regions, diagnostics)
    return diagnostics.reading(after).diagnostics


def _matching(regions: Sequence[Region], candidates: Sequence[Region]) -> list[Region | None]:
    """Returns for each region the candidate that contains its description, each one once."""
    unused = list(candidates)
    matching: list[Region | None] = []
    for region in regions:
        found = next((each for each in unused if _contains(each, region.description)), None)
        found = found or (unused[0] if unused else None)
        if found is not None:
            unused.remove(found)
        matching.append(found)
    return matching


def _compare_texts(parts: Sequence[Pair], diagnostics: DiagnosticCollector) -> None:
    _warn(parts, diagnostics, "left out: texts", _loses_texts)
    _warn(parts, diagnostics, "left out: the colour", lambda a, b: a.color != b.color)
    _warn(parts, diagnostics, "left out: the prompt syntax", lambda a, b: a.syntax != b.syntax)
    _warn(
        parts,
        diagnostics,
        "left out: unknown keys",
        lambda a, b: not a.extra.items() <= b.extra.items(),
    )
    joined = [name for name, a, b in parts if not _loses_texts(a, b) and _joins_texts(a, b)]
    if joined:
        diagnostics.note(f"{_list(joined)}: several texts are joined into one")


def _compare_places(parts: Sequence[Pair], diagnostics: DiagnosticCollector) -> None:
    _warn(parts, diagnostics, "moved to a place that the format can express", _moves)
    distances = [
        (a.distance_to_viewer, b.distance_to_viewer)
        for _, a, b in parts
        if isinstance(a, Region) and isinstance(b, Region)
    ]
    if any(before != after for before, after in distances):
        after_order = [after for _, after in distances]
        if after_order == sorted(after_order, reverse=True):
            diagnostics.note("the distances to the viewer are left out; the order remains")
        else:
            diagnostics.warning("the distances to the viewer and the order in depth are left out")


def _warn(
    parts: Sequence[Pair],
    diagnostics: DiagnosticCollector,
    message: str,
    differ: Callable[[DescribedPart, DescribedPart], bool],
) -> None:
    names = [name for name, before, after in parts if differ(before, after)]
    if names:
        diagnostics.warning(f"{_list(names)}: {message}")


def _loses_texts(before: DescribedPart, after: DescribedPart) -> bool:
    return not all(_contains(after, text) for text in _texts(before))


def _joins_texts(before: DescribedPart, after: DescribedPart) -> bool:
    return _texts(before) != _texts(after)


def _moves(before: DescribedPart, after: DescribedPart) -> bool:
    assert isinstance(before, Region)
    assert isinstance(after, Region)
    sides = zip(vars(before.box).values(), vars(after.box).values(), strict=True)
    return any(abs(side - other) > MAX_SHIFT for side, other in sides)


def _texts(part: DescribedPart) -> list[str]:
    assert isinstance(part, (Canvas, Region))
    return [text for text in (part.description, *suffix_texts(part)) if text.strip()]


def _contains(part: DescribedPart, text: str) -> bool:
    """Returns whether the texts of a part contain a text, apart from blanks and its ends."""
    assert isinstance(part, (Canvas, Region))
    words = " ".join(text.split()).strip(" .,")
    return words in " ".join(one_text(part).split())


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
