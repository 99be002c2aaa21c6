"""The part of a request that the demonstration composer understands, found before it composes.

Its vocabulary is closed: any word beyond it makes the model guess, and it cannot know that it does.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.llm.demo_edit import SIZES, RequestedChange
from lib_omost.llm.demo_lexicon import RequestPart, pieces
from lib_omost.llm.demo_words import (
    BACKGROUND_WORDS,
    COLOR_WORDS,
    MOST_ASKED,
    MOST_KEPT,
    NUMBERS,
    OBJECT_WORDS,
)

WORLD = (
    f"It knows {', '.join(OBJECT_WORDS)}; for them the colours {', '.join(COLOR_WORDS)}; for "
    f"backgrounds {', '.join(BACKGROUND_WORDS)}; nine places, two sizes, and one change at a time, "
    "such as “make the circle green”, “add a tree on the left” or “remove the boat”."
)
"""What the composer knows, for people."""

OTHERS = "For anything else choose another language model, or a server."

NOT_KNOWN = "The demonstration composer does not know {words}, so it wrote nothing."
NO_THING = "The demonstration composer found nothing in the request that it can draw."
NO_WISH = "The demonstration composer does not know the change “{request}”, so it wrote nothing."
NO_CANVAS = "There is no canvas yet that could be changed: ask for a picture first."
NOT_THERE = (
    "There is no {thing} in the canvas among the shapes that the demonstration composer knows, so "
    "nothing was changed."
)
WHICH = "There is more than one {thing} in the canvas: name the colour of the one that you mean."
ALIKE = (
    "There is more than one {thing} in the canvas, so it is not known which one you mean: change "
    "it in the editor."
)
NO_SIZE = "The {thing} cannot be made {value}: its area has no {value} size."
FOREIGN = (
    "The demonstration composer would lose what region {number} of this canvas holds, so it wrote "
    f"nothing: it can change canvases of up to {MOST_KEPT} of its own shapes only."
)
LEFT_OUT = "The demonstration composer left out what it does not know: {words}."
DRAWN_AS = "It draws {drawn}."
MISSING = (
    "It did not manage all of it: missing is a {things}. Ask for less at once, or in other words."
)

_ONE = "a?s?c?[op]"
_EDITS = {
    "recolor": f"M{_ONE}c|H{_ONE}tc|{_ONE}Bc|P{_ONE}c",
    "remove": f"D{_ONE}|TY{_ONE}|T{_ONE}Y|W{_ONE}",
    "keep": f"K{_ONE}",
    "move": f"V{_ONE}l|{_ONE}Bl",
    "put": f"U{_ONE}lZ?",
    "resize": f"M{_ONE}S|E{_ONE}|{_ONE}BS",
    "add": f"A{_ONE}l?Z?|j{_ONE}l?",
    "background": "Ma?bg|ag?b|Ha?btg|a?bBg",
}
"""The changes that the composer was trained on, as the kinds of their words."""
_ABOUT_A_REGION = {"recolor", "remove", "keep", "move", "resize"}
_GROWING = {"bigger", "larger", "enlarge"}
_CHANGING = set("DTWKVEHBSY")
"""Words that only a change has."""

_NEW = re.compile("l?(?:a|n)?s?c?[op]l?r?|l?(?:a|n)?s?c?[op]r?l?")
_BACKGROUND = re.compile("a?gb|a?btgtg|gb")
_CONNECTORS = set("jRix")


@dataclass(frozen=True)
class Understood:
    """The part of a request that is known.

    request: what the composer is told. problem: why nothing can be composed, "" where it can.
    left_out: the words that it is not told, each once. drawn_as: things that it draws as an object
    of its world, by their words. expected: the objects that the canvas then has. edits: the canvas
    is changed, else it is composed anew. placed: the request says where the new thing goes.
    change: what changes in the canvas, None where it is composed anew.
    """

    request: str
    problem: str = ""
    left_out: tuple[str, ...] = ()
    drawn_as: tuple[tuple[str, str], ...] = ()
    expected: tuple[str, ...] = ()
    edits: bool = False
    placed: bool = True
    change: RequestedChange | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the user should know beside the canvas, a sentence or more each."""
        remarks = []
        if self.left_out:
            left_out = LEFT_OUT.format(words=_quoted(self.left_out))
            remarks.append(f"{left_out} {WORLD} {OTHERS}")
        if self.drawn_as:
            drawn = ", ".join(f"“{written}” as a {base}" for written, base in self.drawn_as)
            remarks.append(DRAWN_AS.format(drawn=drawn))
        return tuple(remarks)

    def missing(self, canvas: Canvas) -> str:
        """Say which objects a canvas lacks that was composed so, "" where it has them all."""
        found = Counter(_meant(region)[1] for region in canvas.regions)
        lacks = (Counter(self.expected) - found).elements()
        things = " and a ".join(lacks)
        return MISSING.format(things=things) if things else ""


def understand(request: str, canvas: Canvas | None = None) -> Understood:
    """Find what the composer knows of a request; canvas: the one that it may change."""
    said = [piece for piece in pieces(request) if piece.kind != "f"]
    said, adjectives = _without_adjectives(said)
    kind, part = _edit(said)
    if canvas is not None and kind:
        rest = [*adjectives, *said[len(part) :]]
        return _understood_edit(request, kind, part, rest, canvas)
    if kind in _ABOUT_A_REGION and not adjectives:
        return Understood(request, NO_CANVAS)
    if _asks_for_a_change("".join(piece.kind for piece in said), has_canvas=canvas is not None):
        return _refused(request, NO_WISH, [*adjectives, *said])
    return _understood_picture(request, said, adjectives, canvas)


def _understood_edit(
    request: str,
    kind: str,
    part: Sequence[RequestPart],
    rest: Sequence[RequestPart],
    canvas: Canvas,
) -> Understood:
    change = _change(kind, part, canvas)
    if kind == "put" and change.kind == "add":
        # Without "too" the composer would look for a region that it could move.
        part = [*(piece for piece in part if piece.kind != "Z"), RequestPart("", "Z", "too")]
    left_out = [piece for piece in rest if piece.kind != "j"]
    problem = foreign(canvas)
    if not problem and change.kind in _ABOUT_A_REGION:
        problem = _impossible(change, canvas)
    return Understood(
        _told(request, part, changed=bool(left_out)),
        problem,
        tuple(_unknown(left_out)),
        _drawn_as(part),
        _expected(change, canvas),
        edits=True,
        placed=change.kind != "add" or bool(change.value),
        change=change,
    )


def _change(kind: str, part: Sequence[RequestPart], canvas: Canvas) -> RequestedChange:
    """The change that the words of an edit ask for."""
    thing = next((piece for piece in part if piece.kind in "op"), None)
    color = _color_before(part)
    if kind == "put":
        kind = "move" if _means_a_region(part, thing, canvas) else "add"
    last = {"recolor": "c", "move": "l", "add": "l", "background": "g", "resize": "SE"}.get(kind)
    said = [piece for piece in part if last and piece.kind in last]
    if not said:
        return RequestedChange(kind, thing, color)
    value = said[-1].base or ("bigger" if said[-1].said in _GROWING else "smaller")
    return RequestedChange(kind, thing, color, value)


def _means_a_region(part: Sequence[RequestPart], thing: RequestPart | None, canvas: Canvas) -> bool:
    """Whether "put ..." speaks of a region that is there; "a" and "too" speak of a new one."""
    if any(piece.kind == "Z" for piece in part) or thing is None:
        return False
    articles = [piece.written for piece in part if piece.kind == "a"]
    is_there = any(_meant(region)[1] == thing.base for region in canvas.regions)
    return "the" in articles or (not articles and is_there)


def _understood_picture(
    request: str,
    said: Sequence[RequestPart],
    adjectives: Sequence[RequestPart],
    canvas: Canvas | None,
) -> Understood:
    kept, left_out = _kept(_segments(said), refers=canvas is not None)
    left_out = [*adjectives, *left_out]
    known = [piece for segment in kept for piece in segment.pieces if piece.kind in "opcgslnr"]
    things = [piece for piece in known if piece.kind in "op"]
    own = [piece for piece in things if not piece.is_stand_in]
    if not things or (left_out and not own) or len(_unknown(left_out)) > len(known):
        return _refused(request, NO_WISH if canvas is not None else NO_THING, left_out)
    told = [piece for segment in kept for piece in (*segment.joint, *segment.pieces)]
    adds = canvas is not None and len(kept) == 1 and kept[0].count == 1
    before = [_meant(region)[1] for region in canvas.regions] if adds and canvas else []
    return Understood(
        _told(request, told, changed=bool(left_out)),
        foreign(canvas) if adds and canvas is not None else "",
        tuple(_unknown(left_out)),
        _drawn_as(told),
        (*before, *(base for segment in kept for base in segment.objects)),
        edits=adds,
        placed=any(piece.kind in "lr" for piece in told),
        change=_change("add", told, canvas) if adds and canvas is not None else None,
    )


@dataclass(frozen=True)
class _Segment:
    """A thing or a background of a request, and the words that join it to what is before it."""

    joint: tuple[RequestPart, ...]
    pieces: tuple[RequestPart, ...]

    @property
    def kinds(self) -> str:
        return "".join(piece.kind for piece in self.pieces)

    @property
    def count(self) -> int:
        """How many objects it asks for."""
        numbers = [piece.said for piece in self.pieces if piece.kind == "n"]
        return next((count for count, name in NUMBERS.items() if name in numbers), 1)

    @property
    def objects(self) -> list[str]:
        """The objects that it asks for."""
        return self.count * [piece.base for piece in self.pieces if piece.kind in "op"]

    @property
    def is_background(self) -> bool:
        return "b" in self.kinds


def _segments(said: Sequence[RequestPart]) -> Iterator[_Segment]:
    """Split a request where words join its things; a joined place belongs to the thing before."""
    joint: list[RequestPart] = []
    inside: list[RequestPart] = []
    for piece in said:
        if piece.kind in "MPUA" and not inside:
            continue  # "make", "put" or "add" before a thing only ask for it
        if piece.kind not in _CONNECTORS:
            inside.append(piece)
            continue
        if inside:
            yield _Segment(tuple(joint), tuple(inside))
            joint, inside = [], []
        joint.append(piece)
    if inside:
        yield _Segment(tuple(joint), tuple(inside))


def _kept(
    segments: Iterator[_Segment], *, refers: bool
) -> tuple[list[_Segment], list[RequestPart]]:
    """Return the segments that the composer knows, joined anew, and all that is left out.

    refers: there is a canvas, whose things "the" may mean, of which nothing is wished then.
    """
    kept: list[_Segment] = []
    left_out: list[RequestPart] = []
    count = 0
    gap = False  # something was left out since the last segment that is kept
    for segment in segments:
        joint_is_known = all(piece.kind != "x" for piece in segment.joint)
        left_out += [piece for piece in segment.joint if piece.kind == "x"]
        known, unknown = _known(segment, kept)
        left_out += unknown
        if not known.pieces or (count + known.count > MOST_ASKED and set(known.kinds) & set("op")):
            left_out += known.pieces
            gap = True
            continue
        count += known.count if set(known.kinds) & set("op") else 0
        kept.append(known if joint_is_known and not gap else _joined_anew(known, segment))
        gap = False
    if refers and left_out:
        references = [s for s in kept if s.pieces[0].written == "the" and not s.is_background]
        left_out += [piece for segment in references for piece in segment.pieces]
        kept = [segment for segment in kept if segment not in references]
    if kept:
        kept[0] = replace(kept[0], joint=())
    if left_out:
        kept = [_without_between(segment) for segment in kept]
    return kept, left_out


def _known(segment: _Segment, before: Sequence[_Segment]) -> tuple[_Segment, list[RequestPart]]:
    """Return the segment without what the composer does not know, and that."""
    unknown = [piece for piece in segment.pieces if piece.kind in "uxBDTWKVEHSYZMPUA"]
    if "b" not in segment.kinds:
        # No object has a background's colour.
        unknown += [piece for piece in segment.pieces if piece.kind in "gt"]
    rest = tuple(piece for piece in segment.pieces if piece not in unknown)
    known = replace(segment, pieces=rest)
    if known.is_background and _BACKGROUND.fullmatch(known.kinds) and not unknown:
        return known, []
    if re.fullmatch("[lr]+", known.kinds) and before and not unknown:
        return replace(known, joint=()), []
    if _NEW.fullmatch(known.kinds):
        joint = tuple(replace(p, said="on top of") if p.written == "on" else p for p in known.joint)
        return replace(known, joint=joint), unknown
    content = [piece for piece in segment.pieces if piece.kind not in "a"]
    named = [piece for piece in content if piece.kind in "uxcgt"] if unknown else content
    return replace(segment, pieces=()), unknown or named


_AND = RequestPart("and", "j", "and")


def _joined_anew(known: _Segment, segment: _Segment) -> _Segment:
    """What joined it to a thing that is left out says nothing any more, but for a background."""
    if known.is_background:
        return known
    return replace(known, joint=(_AND,))


def _without_between(segment: _Segment) -> _Segment:
    """ "Between" needs all three of its things."""
    joint = tuple(_AND if piece.written == "between" else piece for piece in segment.joint)
    return replace(segment, joint=joint)


def _without_adjectives(said: Sequence[RequestPart]) -> tuple[list[RequestPart], list[RequestPart]]:
    """Take unknown words out that stand between an article or adjective and a known thing."""
    kinds = "".join(piece.kind for piece in said)
    inner = {
        number
        for match in re.finditer(r"(?<=[ansc])u+(?=[scu]*[op])", kinds)
        for number in range(*match.span())
    }
    kept = [piece for number, piece in enumerate(said) if number not in inner]
    return kept, [piece for number, piece in enumerate(said) if number in inner]


def _edit(said: Sequence[RequestPart]) -> tuple[str, Sequence[RequestPart]]:
    """Return the change that a request begins with and its words, "" for none; more may follow."""
    kinds = "".join(piece.kind for piece in said).rstrip("j")
    for kind, pattern in _EDITS.items():
        match = re.match(f"(?:{pattern})(?=j|$)", kinds)
        if match and not (kind == "background" and match.end() < len(kinds)):
            return kind, said[: match.end()]
    return "", ()


def _asks_for_a_change(kinds: str, *, has_canvas: bool) -> bool:
    """Whether a request wishes for something that is no new picture.

    An unknown word that is followed by an article at once is such a wish: "swap the circle and the
    star".
    """
    changing = _CHANGING | set("AUZ") if has_canvas else _CHANGING
    return bool(set(kinds) & changing) or re.match("[Mj]*ua", kinds) is not None


def _expected(change: RequestedChange, canvas: Canvas) -> tuple[str, ...]:
    """The objects of a canvas after a change."""
    now = [_meant(region)[1] for region in canvas.regions]
    name = [change.thing.base] if change.thing is not None else []
    if change.kind == "add":
        return (*now, *name)
    if change.kind == "remove":
        return tuple((Counter(now) - Counter(name)).elements())
    return tuple(name if change.kind == "keep" else now)


def _color_before(part: Sequence[RequestPart]) -> str:
    """The colour that tells which thing is meant, "" for none."""
    pairs = itertools.pairwise(part)
    return next((one.base for one, other in pairs if one.kind == "c" and other.kind in "op"), "")


def named(change: RequestedChange, canvas: Canvas) -> list[int]:
    """Return the positions of the regions that a change may mean."""
    assert change.thing is not None
    return [
        number
        for number, (color, name) in enumerate(map(_meant, canvas.regions))
        if name == change.thing.base and change.color in ("", color)
    ]


def _impossible(change: RequestedChange, canvas: Canvas) -> str:
    """Say why a change cannot be made to one region, "" where it can."""
    assert change.thing is not None
    found = named(change, canvas)
    thing = f"{change.color} {change.thing.written}".strip()
    if not found:
        return NOT_THERE.format(thing=thing)
    if len(found) > 1:
        return (ALIKE if change.color else WHICH).format(thing=thing)
    place = canvas.regions[found[0]].place
    last = SIZES[-1] if change.value == "bigger" else SIZES[0]
    if change.kind == "resize" and isinstance(place, Place) and place.area.startswith(f"{last} "):
        return NO_SIZE.format(thing=thing, value=change.value)
    return ""


def _meant(region: Region) -> tuple[str, str]:
    """The colour and the object that a region's description names, "" for none."""
    said = list(pieces(region.description))
    colors = [piece.base for piece in said if piece.kind == "c"]
    objects = [piece.base for piece in said if piece.kind in "op"]
    return (colors or [""])[0], (objects or [""])[0]


def foreign(canvas: Canvas) -> str:
    """Say what the composer would lose of a canvas, "" where it can keep all of it."""
    for number, region in enumerate(canvas.regions, start=1):
        kinds = "".join(piece.kind for piece in pieces(region.description))
        is_known = re.fullmatch(f"{_ONE}j?", kinds) is not None
        if number > MOST_KEPT or not is_known or not isinstance(region.place, Place):
            return FOREIGN.format(number=number)
    return ""


def _refused(request: str, nothing: str, left_out: Sequence[RequestPart]) -> Understood:
    words = _unknown([piece for piece in left_out if piece.kind in "uxg"])
    if words:
        problem = NOT_KNOWN.format(words=_quoted(words))
    else:
        problem = nothing.format(request=request.strip())
    return Understood(request, f"{problem} {WORLD} {OTHERS}")


def _drawn_as(told: Sequence[RequestPart]) -> tuple[tuple[str, str], ...]:
    return tuple({piece.written: piece.base for piece in told if piece.is_stand_in}.items())


def _unknown(left_out: Sequence[RequestPart]) -> list[str]:
    return list(dict.fromkeys(piece.written for piece in left_out if piece.kind != "a"))


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _told(request: str, told: Sequence[RequestPart], *, changed: bool) -> str:
    """The request as it was written, unless the composer knows only a part, or other words."""
    if not changed and all(piece.said == piece.written for piece in told):
        return request
    return re.sub(r" (?=[,.])", "", " ".join(piece.said for piece in told)).strip(" ,.")
