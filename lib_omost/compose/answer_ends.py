"""The sentences for a user when an answer ended early, by the engine's reason."""

from __future__ import annotations

ANSWER_ENDS = {
    "length": "The answer was cut: its most tokens, or what the model can read, were reached.",
    "repetition": "The model repeated itself and was stopped; what came before is kept.",
    "cancelled": "Stopped; what was written is kept.",
}
"""By Done.reason. The page translates them (ui/localisation.py)."""
