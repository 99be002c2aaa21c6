"""Shared by all child processes of Python: the folder, the environment variables, the window."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The folder that contains lib_omost, from which a child process imports it."""

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Flag that prevents a console window on Windows."""


def clean_environment() -> dict[str, str]:
    """Returns the environment variables without those that configure this process's Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
