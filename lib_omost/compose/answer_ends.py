"""Explains to the user in one sentence why an answer ended early."""

from __future__ import annotations

ANSWER_ENDS = {
    "length": "The answer is incomplete: it reached the token limit or the model's context length.",
    "repetition": "The model repeated itself and was stopped. The text before that is kept.",
    "cancelled": "Stopped. The text written until then is kept.",
}
"""By Done.reason. The page translates them (ui/localisation.py)."""
