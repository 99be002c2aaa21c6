"""The WebUI's prompt syntax: reading its emphasis, writing text past it, refusing the rest.

The behaviour follows A1111 1.10.1 and Forge (modules/prompt_parser.py, extra_networks.py,
processing_scripts/comments.py), in the order in which they read a prompt: comments, extra-network
tags, AND, schedules, emphasis and BREAK.
"""

from __future__ import annotations

import re

from lib_omost.text.subprompt import SubPrompt

ROUND = 1.1
"""What "(text)" multiplies a weight by; "[text]" divides by it."""

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>[\\()\[\]])?
    | (?P<open>[(\[])
    | :\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)
    | (?P<close>[)\]])
    | [^\\()\[\]:]+
    | :
    """,
    re.VERBOSE,
)


def weighted_pieces(text: str) -> list[tuple[str, float]]:
    r"""Read emphasis: return the text's pieces without brackets, each with its weight.

    "(x:1.3)" weighs 1.3, "(x)" 1.1, "[x]" 1 / 1.1, nested ones multiply; a bracket left open
    counts to the end; "\(" is a bracket, and a backslash before anything else vanishes. Neighbours
    of equal weight are one piece; empty pieces are left out.
    """
    pieces: list[tuple[str, float]] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}

    def close(bracket: str, factor: float) -> None:
        start = opened[bracket].pop()
        pieces[start:] = [(piece, weight * factor) for piece, weight in pieces[start:]]

    for token in _TOKEN.finditer(text):
        found = token[0]
        if token["open"]:
            opened[found].append(len(pieces))
        elif token["weight"] and opened["("]:
            close("(", float(token["weight"]))
        elif found == ")" and opened["("]:
            close("(", ROUND)
        elif found == "]" and opened["["]:
            close("[", 1 / ROUND)
        elif found.startswith("\\"):
            pieces.append((token["escaped"] or "", 1.0))
        else:
            pieces.append((found, 1.0))
    for _ in opened["("][:]:
        close("(", ROUND)
    for _ in opened["["][:]:
        close("[", 1 / ROUND)
    return _merged(pieces)


def _merged(pieces: list[tuple[str, float]]) -> list[tuple[str, float]]:
    merged: list[tuple[str, float]] = []
    for text, weight in pieces:
        if merged and merged[-1][1] == weight:
            merged[-1] = (merged[-1][0] + text, weight)
        elif text:
            merged.append((text, weight))
    return merged


def emphasised(text: str, weight: float) -> str:
    """Write a piece so that `weighted_pieces` reads back this text at this weight."""
    escaped = re.sub(r"[\\()\[\]]", r"\\\g<0>", text)
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


EXTRA_NETWORK = re.compile(r"<\w+:[^>]+>")
"""A tag such as <lora:name:1>, as both hosts read it."""

_AND = re.compile(r"\bAND\b")

_REFUSED = (
    (_AND, "which composes several prompts"),
    (re.compile(r"\bBREAK\b"), "which starts a new chunk; sub-prompts have chunks of their own"),
    (EXTRA_NETWORK, "an extra network, which acts on the whole picture"),
)
_STEP = re.compile(r":\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")


def composes(text: str) -> bool:
    """Whether the prompt box's text is several prompts, joined by AND."""
    return _AND.search(text) is not None


def check_syntax(sub_prompt: SubPrompt) -> None:
    """Refuse what works only in the prompt box: AND, BREAK, schedules and extra networks.

    Emphasis, embeddings and escaped brackets pass, and so does any plain text.
    Raises PromptSyntaxError.
    """
    if sub_prompt.syntax == "plain":
        return
    for pattern, why in _REFUSED:
        if match := pattern.search(sub_prompt.text):
            raise _refusal(sub_prompt, match[0], why)
    if schedule := _find_schedule(sub_prompt.text):
        raise _refusal(sub_prompt, schedule, "which changes the text between steps")


def _refusal(sub_prompt: SubPrompt, found: str, why: str) -> PromptSyntaxError:
    return PromptSyntaxError(
        f"{sub_prompt.owner or 'a region'} contains {found}, {why}, and a region cannot follow it. "
        "Put it in the prompt box, with the prompt box describing the whole picture, or take it "
        "out."
    )


def _find_schedule(text: str) -> str | None:
    """Return the first "[a:b:0.5]", "[a:0.5]" or "[a|b]" that closes, None without one."""
    opened: list[tuple[str, int]] = []
    alternates: set[int] = set()
    colon = -1
    for token in re.finditer(r"\\.|[\[\]()|:]", text, re.DOTALL):
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
    return None
