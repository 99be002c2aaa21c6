"""Modules of stand-in programs, from which our own modules are imported anew."""

from __future__ import annotations

import sys


def forget(*packages: str) -> None:
    """Removes modules from Python, so that the next import runs them again."""
    for name in [name for name in sys.modules if name.startswith(packages)]:
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            vars(sys.modules[parent]).pop(child, None)
