"""Applies a diff that a model wrote to the code of the previous canvas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lib_omost.canvas.fences import fenced_blocks

MAX_CHANGES = 100
"""Maximum number of changes of a diff."""

_CHANGED_CODE = re.compile(r"^[-+](?![-+])[ \t]*(?:\w+[ \t]*=|\w+\.\w+\(|[\"'\[\])])", re.MULTILINE)
_BETWEEN_CHANGES = re.compile(
    r"(?:@@|---|\+\+\+|diff |index |\.\.\.|…|[ \t]*(?:#[ \t]*)?\.\.\.)|\s*$"
)


class DiffError(ValueError):
    """A diff cannot be applied; the message names the line."""


@dataclass
class Change:
    """One change of a diff.

    Attributes:
        before: The lines before the change, with the unchanged ones around it.
        after: The lines after the change, with the same unchanged ones.
    """

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


def find_diff(text: str) -> list[Change]:
    """Returns the changes of the diff in an answer; an empty list for an answer without a diff."""
    blocks = [block.code for block in fenced_blocks(text)] or [text]
    diffs = [block for block in blocks if _CHANGED_CODE.search(block)]
    return _parse(diffs[-1].split("\n")) if diffs else []


def apply_diff(changes: Sequence[Change], code: str) -> str:
    """Applies changes to code.

    Args:
        changes: The changes, at most MAX_CHANGES.
        code: The code.

    Returns:
        The changed code.

    Raises:
        DiffError: The code does not contain the lines of a change, or contains them repeatedly.
    """
    if len(changes) > MAX_CHANGES:
        raise DiffError(f"it has more than {MAX_CHANGES} changes")
    lines = code.split("\n")
    for change in changes:
        if not change.before:
            lines += change.after
            continue
        before = [_normalized(line) for line in change.before]
        length = len(before)
        normalized = [_normalized(line) for line in lines]
        starts = [
            start
            for start, line in enumerate(normalized)
            if line == before[0] and normalized[start : start + length] == before
        ]
        if len(starts) != 1:
            times = "not in the canvas" if not starts else f"in {len(starts)} places of the canvas"
            raise DiffError(f"its line {change.before[0].strip()[:60]!r} is {times}")
        lines[starts[0] : starts[0] + length] = change.after
    return "\n".join(lines)


def _parse(lines: Sequence[str]) -> list[Change]:
    """Groups the lines of a diff; a removed line after an added one begins the next change."""
    changes = [Change()]
    last_mark = ""
    for line in lines:
        mark = line[:1]
        if _BETWEEN_CHANGES.match(line):
            changes.append(Change())
        elif mark == "+":
            changes[-1].after.append(line[1:])
        elif mark == "-":
            if last_mark == "+":
                changes.append(Change())
            changes[-1].before.append(line[1:])
        else:
            changes[-1].before.append(line)
            changes[-1].after.append(line)
        last_mark = mark
    return [change for change in changes if change.before != change.after]


def _normalized(line: str) -> str:
    """Returns a line without differences in quotes, blanks and its last comma."""
    return re.sub(r"\s+", "", line).replace('"', "'").rstrip(",")
