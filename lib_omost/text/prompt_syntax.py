"""The WebUI's prompt syntax: reading its emphasis, writing text past it, refusing the rest.

The behaviour follows A1111 1.10.1 and Forge (modules/prompt_parser.py, extra_networks.py,
processing_scripts/comments.py), in the order in which they read a prompt: comments, extra-network
tags, AND, schedules, emphasis and BREAK.
"""

from __future__ import annotations

import itertools
import re

from lib_omost.text.sub_prompt import SubPrompt, shortened

ROUND = 1.1
"""What "(text)" multiplies a weight by; "[text]" divides by it."""

MOST_WEIGHT = 1e6
"""More makes no text encoder's output finite."""

MOST_NESTED = 100
"""Brackets of one kind within each other, in a region: a host weighs all words for each."""

MOST_CHARACTERS = 50_000
"""Of a region's text in host syntax. A bag takes about 300; hosts read a long one slowly."""

_FACTORS = {"(": ROUND, "[": 1 / ROUND}
_ESCAPES = {ord(char): f"\\{char}" for char in "\\()[]"}
_OPENING = {")": "(", "]": "["}

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>[\\()\[\]])?
    | (?P<open>[(\[])
    | :\s*(?P<weight>[+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*\)
    | (?P<close>[)\]])
    | [^\\()\[\]:]+
    | :
    """,
    re.VERBOSE,
)


class _Bracket:
    """A bracket around some pieces, within another of its kind."""

    def __init__(self, factor: float, outer: _Bracket | None) -> None:
        self.factor = factor
        self.outer = outer
        self.product = 1.0


def weighted_pieces(text: str) -> list[tuple[str, float]]:
    r"""Read emphasis: return the text's pieces without brackets, each with its weight.

    "(x:1.3)" weighs 1.3, "(x)" 1.1, "[x]" 1 / 1.1, nested ones multiply; a bracket left open
    counts to the end; "\(" is a bracket, and a backslash before anything else vanishes. Neighbours
    of equal weight are one piece; empty pieces are left out. No weight is above MOST_WEIGHT.
    """
    brackets: list[_Bracket] = []
    pieces: list[tuple[str, _Bracket, _Bracket]] = []
    around = {"(": _Bracket(1.0, None), "[": _Bracket(1.0, None)}
    for token in _TOKEN.finditer(text):
        found = token[0]
        kind = _OPENING.get(found[-1], "") if token["weight"] or token["close"] else ""
        if token["open"]:
            around[found] = _Bracket(_FACTORS[found], around[found])
            brackets.append(around[found])
        elif kind and (outer := around[kind].outer):
            if token["weight"]:
                around[kind].factor = float(token["weight"])
            around[kind] = outer
        else:
            written = (token["escaped"] or "") if found[0] == "\\" else found
            pieces.append((written, around["("], around["["]))
    for bracket in brackets:  # an outer one is before those within it
        product = bracket.outer.product * bracket.factor if bracket.outer else bracket.factor
        bracket.product = max(-MOST_WEIGHT, min(product, MOST_WEIGHT))
    weighted = [(piece, inner.product * other.product) for piece, inner, other in pieces if piece]
    by_weight = itertools.groupby(weighted, key=lambda piece: piece[1])
    return [("".join(piece for piece, _ in group), weight) for weight, group in by_weight]


def emphasised(text: str, weight: float) -> str:
    """Write a piece so that `weighted_pieces` reads back this text at this weight."""
    escaped = text.translate(_ESCAPES)
    if weight == 1:
        return escaped
    return f"({escaped}:{weight:.10f}".rstrip("0").rstrip(".") + ")"


_GUARDED = re.compile(
    r"""
      (?=[\\()\[\]|])           # emphasis, schedules, alternation
    | (?<=<)(?=\w)              # <lora:name:1>
    | (?<=:)(?=[\s\d.+-])       # "ratio 16:9." would weigh the whole prompt 9
    | (?<=\bA)(?=ND\b)          # AND starts another prompt
    | (?<=\bB)(?=REAK\b)        # BREAK starts another chunk
    """,
    re.VERBOSE,
)


def escape(text: str) -> str:
    """Write plain text so that the host's parsers give back the text and nothing else happens.

    A backslash vanishes in the last parser, the one for emphasis, and until then keeps the
    earlier ones from seeing what they look for. Nothing guards "#", which starts a comment to the
    end of the line: it becomes the full-width "＃", which CLIP's text cleaning (ftfy) turns back.
    """
    return _GUARDED.sub(r"\\", text).replace("#", "＃")


class PromptSyntaxError(ValueError):
    """Host syntax that a region cannot follow; the message says whose, what, and what to do."""


_TAG = re.compile(r"<\w+:[^>]+(?P<end>>)?")


def extra_networks(text: str) -> list[str]:
    """Return the tags such as <lora:name:1>, as both hosts read them."""
    # A tag without an end reaches to the end of the text, so that nothing is read twice.
    return [tag[0] for tag in _TAG.finditer(text) if tag["end"]]


def without_extra_networks(text: str) -> str:
    """Return the text without its tags such as <lora:name:1>."""
    return _TAG.sub(lambda tag: "" if tag["end"] else tag[0], text)


_AND = re.compile(r"\bAND\b")

_BREAK = re.compile(r"\bBREAK\b")
_STEP = re.compile(r":\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*")
_SCHEDULE_TOKEN = re.compile(r"\\.|[\[\]()|:]", re.DOTALL)


def composes(text: str) -> bool:
    """Whether the prompt box's text is several prompts, joined by AND."""
    return _AND.search(text) is not None


def prompt_box_syntax(text: str) -> tuple[str, str] | None:
    """Find what works only in the prompt box: AND, BREAK, extra networks and schedules.

    Returns the first as it is written and what it does there; None where there is none. Emphasis,
    embeddings and escaped brackets are none of them.
    """
    if found := _AND.search(text):
        return found[0], "which composes several prompts"
    if found := _BREAK.search(text):
        return found[0], "which starts a new chunk; sub-prompts have chunks of their own"
    if tags := extra_networks(text):
        return tags[0], "an extra network, which acts on the whole picture"
    if schedule := _find_schedule(text):
        return schedule, "which changes the text between steps"
    return None


def check_syntax(sub_prompt: SubPrompt) -> None:
    """Refuse what a region cannot follow, in host syntax; any plain text passes.

    Raises PromptSyntaxError for what `prompt_box_syntax` finds, for more than MOST_NESTED brackets
    within each other, and for more than MOST_CHARACTERS.
    """
    if sub_prompt.syntax == "plain":
        return
    owner = sub_prompt.owner or "a region"
    if len(sub_prompt.text) > MOST_CHARACTERS:
        raise PromptSyntaxError(
            f"{owner} has a text of {len(sub_prompt.text):,} characters in prompt syntax; "
            f"{MOST_CHARACTERS:,} are the most"
        )
    if found := prompt_box_syntax(sub_prompt.text):
        what, why = found
        raise PromptSyntaxError(
            f"{owner} contains {shortened(what)}, {why}, and a region cannot follow it. Put it in "
            "the prompt box, with the prompt box describing the whole picture, or take it out."
        )
    if _nested_deeper(sub_prompt.text, MOST_NESTED):
        raise PromptSyntaxError(
            f"{owner} has more than {MOST_NESTED} brackets within each other; take some out"
        )


def _nested_deeper(text: str, most: int) -> bool:
    """Whether more brackets of one kind are open at once, as `weighted_pieces` counts them."""
    depths = {"(": 0, "[": 0}
    for token in _SCHEDULE_TOKEN.finditer(text):
        found = token[0]
        if found in depths:
            depths[found] += 1
        elif found in _OPENING:
            depths[_OPENING[found]] = max(depths[_OPENING[found]] - 1, 0)
        if max(depths.values()) > most:
            return True
    return False


def _find_schedule(text: str) -> str | None:
    """Return the first "[a:b:0.5]", "[a:0.5]" or "[a|b]" that closes, None without one."""
    opened: list[tuple[str, int]] = []
    alternates: set[int] = set()
    colon = -1
    for token in _SCHEDULE_TOKEN.finditer(text):
        found, at = token[0], token.start()
        if found in {"(", "["}:
            opened.append((found, at))
        elif found == ")" and opened and opened[-1][0] == "(":
            opened.pop()
        elif found == ":":
            colon = at
        elif found == "|" and opened and opened[-1][0] == "[":
            alternates.add(opened[-1][1])
        elif found == "]":
            while opened and opened[-1][0] == "(":
                opened.pop()
            start = opened.pop()[1] if opened else at
            if start in alternates or (colon > start and _STEP.fullmatch(text, colon, at)):
                return text[start : at + 1]
        if found != ":":
            colon = -1  # between a colon and its step there is nothing else
    return None
