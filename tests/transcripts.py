"""Whole conversations with a language model, as people share them.

The tests use a conversation of our own, and the transcript of Omost's README if it lies in
`../shared/seeds`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE_BLOCK = re.compile(r"^```python\n# Initialize.*?^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Transcript:
    """A page with two answers; the second answer repeats the first and adds one region."""

    name: str
    text: str

    @property
    def answers(self) -> list[str]:
        """The code block of each answer."""
        return CODE_BLOCK.findall(self.text)


def load() -> list[Transcript]:
    """Returns our own conversation, then Omost's transcript if it is there."""
    pages = {
        "ours": ROOT / "tests" / "canvas" / "conversation.txt",
        "omost": next((ROOT.parent / "shared" / "seeds").glob("004_*.txt"), None),
    }
    return [Transcript(name, path.read_text("utf-8")) for name, path in pages.items() if path]


TRANSCRIPTS = load()
