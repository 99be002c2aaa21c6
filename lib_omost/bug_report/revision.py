"""Finds the version of the extension and the git commit of a folder."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from lib_omost.llm.child_process import NO_WINDOW, ROOT

NO_COMMIT = "commit unknown (no git checkout, or no git)"


def extension_version() -> str:
    """Returns the version of this extension with its commit."""
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.*)"', project, re.MULTILINE)
    return f"{version[1] if version else 'version unknown'}, {commit_of(ROOT)}"


def commit_of(folder: Path) -> str:
    """Returns the commit of a git checkout with its date, and whether files were changed.

    Args:
        folder: The top folder of the checkout. A folder within a checkout has no commit: an
            extension that was unpacked from an archive lies within the WebUI's checkout.
    """
    try:
        if _git(folder, "rev-parse", "--show-cdup"):
            return NO_COMMIT
        commit = _git(folder, "log", "-1", "--format=commit %h of %cs")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return NO_COMMIT
    return f"{commit}, with changed files" if changed else commit


def _git(folder: Path, *arguments: str) -> str:
    command = [os.environ.get("GIT", "git"), "-C", str(folder), *arguments]
    # Without locks, git changes nothing in the folder.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    return subprocess.run(
        command,
        check=True,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=10,
        creationflags=NO_WINDOW,
    ).stdout.strip()
