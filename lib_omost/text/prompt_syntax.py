"""Parses the WebUI's prompt syntax: emphasis, escapes and LoRA tags; refuses the rest.

The behaviour follows A1111 1.10.1 and Forge (modules/prompt_parser.py, extra_networks.py,
processing_scripts/comments.py). They read a prompt in this order: comments, extra-network tags,
AND, schedules, emphasis, BREAK.
"""

from __future__ import annotations

import itertools
import re

from lib_omost.text.sub_prompt import SubPrompt, shorten

EMPHASIS_FACTOR = 1.1
"""Factor by which "(text)" multiplies a weight; "[text]" divides by it."""

MAX_WEIGHT = 1e6
"""Largest emphasis weight; larger ones overflow the text encoder's output."""

MAX_NESTING = 100
"""Largest nesting depth of one kind of bracket in a region; a host's time grows with the depth."""

MAX_CHARACTERS = 50_000
"""Longest text of a region in host syntax, in characters.

A bag has about 300 characters, and hosts parse long texts slowly.
"""

_FACTORS = {"(": EMPHASIS_FACTOR, "[": 1 / EMPHASIS_FACTOR}
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
    """An emphasis bracket and the bracket of the same kind around it."""

    def __init__(self, factor: float, outer: _Bracket | None) -> None:
        self.factor = factor
        self.outer = outer
        self.product = 1.0


def parse_emphasis(text: str) -> list[tuple[str, float]]:
    r"""Parses emphasis into pieces of plain text with weights.

    "(x:1.3)" has weight 1.3, "(x)" 1.1, "[x]" 1 / 1.1; nested weights multiply. An open bracket
    extends to the end of the text. "\(" is a literal bracket; a backslash before any other
    character is removed. Weights are limited to +-MAX_WEIGHT.

    Args:
        text: Text in the host's prompt syntax.

    Returns:
        Pieces of text without brackets, each with its weight. Adjacent pieces of equal weight are
        joined, empty pieces are omitted.
    """
    brackets: list[_Bracket] = []
    pieces: list[tuple[str, _Bracket, _Bracket]] = []
    open_brackets = {"(": _Bracket(1.0, None), "[": _Bracket(1.0, None)}
    for match in _TOKEN.finditer(text):
        token = match[0]
        kind = _OPENING.get(token[-1], "") if match["weight"] or match["close"] else ""
        if match["open"]:
            open_brackets[token] = _Bracket(_FACTORS[token], open_brackets[token])
            brackets.append(open_brackets[token])
        elif kind and (outer := open_brackets[kind].outer):
            if match["weight"]:
                open_brackets[kind].factor = float(match["weight"])
            open_brackets[kind] = outer
        else:
            literal = (match["escaped"] or "") if token[0] == "\\" else token
            pieces.append((literal, open_brackets["("], open_brackets["["]))
    for bracket in brackets:  # an outer bracket comes before the brackets inside it
        product = bracket.outer.product * bracket.factor if bracket.outer else bracket.factor
        bracket.product = max(-MAX_WEIGHT, min(product, MAX_WEIGHT))
    weighted = [(piece, a.product * b.product) for piece, a, b in pieces if piece]
    by_weight = itertools.groupby(weighted, key=lambda piece: piece[1])
    return [("".join(piece for piece, _ in group), weight) for weight, group in by_weight]


def write_emphasis(text: str, weight: float) -> str:
    """Writes a piece of text in prompt syntax; `parse_emphasis` returns the same text and weight.

    Args:
        text: Plain text.
        weight: Emphasis weight; 1 needs no brackets.
    """
    escaped = text.translate(_ESCAPES)
    if weight == 1:
        return escaped
    return f"({escaped}:{weight:.10f}".rstrip("0").rstrip(".") + ")"


_SYNTAX = re.compile(
    r"""
      (?=[\\()\[\]|])           # emphasis, schedules, alternation
    | (?<=<)(?=\w)              # <lora:name:1>
    | (?<=:)(?=[\s\d.+-])       # "ratio 16:9." would give the whole prompt weight 9
    | (?<=\bA)(?=ND\b)          # AND starts another prompt
    | (?<=\bB)(?=REAK\b)        # BREAK starts another chunk
    """,
    re.VERBOSE,
)


def escape_prompt_syntax(text: str) -> str:
    """Escapes plain text, so that the host's parsers read it literally.

    The last parser, for emphasis, removes the backslashes; until then they hide the syntax from the
    earlier parsers. A backslash cannot hide "#", which starts a comment. It becomes the full-width
    "＃", which CLIP's text cleaning (ftfy) converts back.

    Args:
        text: Plain text.
    """
    return _SYNTAX.sub(r"\\", text).replace("#", "＃")


class PromptSyntaxError(ValueError):
    """Raised for host syntax that regions do not support; the message names owner and remedy."""


_TAG = re.compile(r"<\w+:[^>]+(?P<end>>)?")


def find_extra_networks(text: str) -> list[str]:
    """Returns the extra-network tags of a prompt, such as <lora:name:1>.

    Args:
        text: The prompt.
    """
    # A tag without an end matches up to the end of the text, which keeps the search linear.
    return [tag[0] for tag in _TAG.finditer(text) if tag["end"]]


def remove_extra_networks(text: str) -> str:
    """Returns a prompt without its extra-network tags, such as <lora:name:1>.

    Args:
        text: The prompt.
    """
    return _TAG.sub(lambda tag: "" if tag["end"] else tag[0], text)


_AND = re.compile(r"\bAND\b")

_BREAK = re.compile(r"\bBREAK\b")
_STEP = re.compile(r":\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*")
_SCHEDULE_TOKEN = re.compile(r"\\.|[\[\]()|:]", re.DOTALL)


def has_several_prompts(text: str) -> bool:
    """Returns True if a prompt consists of several prompts joined by AND.

    Args:
        text: The prompt.
    """
    return _AND.search(text) is not None


def find_prompt_box_syntax(text: str) -> tuple[str, str] | None:
    """Finds syntax that works only in the prompt box: AND, BREAK, extra networks and schedules.

    Emphasis, embeddings and escaped brackets work in regions too.

    Args:
        text: Text in the host's prompt syntax.

    Returns:
        The first such piece of text and a clause that says what it does, or None.
    """
    if match := _AND.search(text):
        return match[0], "which joins several prompts"
    if match := _BREAK.search(text):
        return match[0], "which starts a new prompt chunk"
    if tags := find_extra_networks(text):
        return tags[0], "an extra network, which acts on the whole picture"
    if schedule := _find_schedule(text):
        return schedule, "which changes the text between steps"
    return None


def check_syntax(sub_prompt: SubPrompt) -> None:
    """Checks that a region supports a sub-prompt in host syntax; plain text always passes.

    Args:
        sub_prompt: The sub-prompt; its owner appears in the message.

    Raises:
        PromptSyntaxError: The text contains syntax that `find_prompt_box_syntax` finds, more than
            MAX_NESTING nested brackets, or more than MAX_CHARACTERS characters.
    """
    if sub_prompt.syntax == "plain":
        return
    owner = sub_prompt.owner or "a region"
    if len(sub_prompt.text) > MAX_CHARACTERS:
        raise PromptSyntaxError(
            f"{owner} has a text of {len(sub_prompt.text):,} characters in prompt syntax; "
            f"the limit is {MAX_CHARACTERS:,}"
        )
    if found := find_prompt_box_syntax(sub_prompt.text):
        syntax, effect = found
        raise PromptSyntaxError(
            f"{owner} contains {shorten(syntax)}, {effect}. Regions do not support this syntax. "
            'Move it to the prompt box and set "Prompt box describes" to "whole picture", or '
            "remove it."
        )
    if _nesting_exceeds(sub_prompt.text, MAX_NESTING):
        raise PromptSyntaxError(
            f"{owner} has more than {MAX_NESTING} nested brackets; remove some of them"
        )


def _nesting_exceeds(text: str, limit: int) -> bool:
    """Returns True if more than `limit` brackets of one kind are open at once."""
    depths = {"(": 0, "[": 0}
    for match in _SCHEDULE_TOKEN.finditer(text):
        token = match[0]
        if token in depths:
            depths[token] += 1
        elif token in _OPENING:
            depths[_OPENING[token]] = max(depths[_OPENING[token]] - 1, 0)
        if max(depths.values()) > limit:
            return True
    return False


def _find_schedule(text: str) -> str | None:
    """Returns the first complete "[a:b:0.5]", "[a:0.5]" or "[a|b]" of a prompt, or None."""
    opened: list[tuple[str, int]] = []
    alternates: set[int] = set()
    colon = -1
    for match in _SCHEDULE_TOKEN.finditer(text):
        token, at = match[0], match.start()
        if token in {"(", "["}:
            opened.append((token, at))
        elif token == ")" and opened and opened[-1][0] == "(":
            opened.pop()
        elif token == ":":
            colon = at
        elif token == "|" and opened and opened[-1][0] == "[":
            alternates.add(opened[-1][1])
        elif token == "]":
            while opened and opened[-1][0] == "(":
                opened.pop()
            start = opened.pop()[1] if opened else at
            if start in alternates or (colon > start and _STEP.fullmatch(text, colon, at)):
                return text[start : at + 1]
        if token != ":":
            colon = -1  # nothing may stand between a colon and its step
    return None
