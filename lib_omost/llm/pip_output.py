"""Reads pip's output: the completed part of a download, and the reason for a failure."""

from __future__ import annotations

import re
from collections.abc import Sequence

DOWNLOAD_LINE = re.compile(r"\s*(?:Downloading|Using cached) .*\((\d+(?:\.\d+)?) ([kMG]B)\)")
"""Matches a line of pip's output about a file and its size."""

MEGABYTES = {"kB": 0.001, "MB": 1.0, "GB": 1000.0}


def download_fraction(log: Sequence[str], megabytes: float) -> float | None:
    """Estimates the completed fraction of the download from pip's output.

    Args:
        log: The lines of pip so far.
        megabytes: Size of the whole download.

    Returns:
        A fraction from 0 to 0.99, None before the first file.
    """
    sizes = [
        float(found[1]) * MEGABYTES[found[2]] for found in map(DOWNLOAD_LINE.match, log) if found
    ]
    return min(sum(sizes) / megabytes, 0.99) if sizes else None


def explain_step_failure(message: str, log: Sequence[str]) -> str:
    """Explains in one sentence why a step failed, and names a remedy.

    Args:
        message: The step.
        log: The lines of its output.
    """
    text = "".join(log)
    if "No module named venv" in text or "ensurepip" in text:
        return (
            "The WebUI's Python cannot make environments: it lacks venv or ensurepip (on Debian: "
            "`apt install python3-venv`); install them and try again, or choose a server."
        )
    if "No space left" in text or "not enough space" in text:
        return "The disk is full: free some space and try again; downloaded files are kept."
    last = next((line.strip() for line in reversed(log) if line.strip()), "no output")
    if "Could not find a version" in text or "Connection" in text or "Temporary failure" in text:
        return (
            f"The packages could not be downloaded: check the network and pip's settings, and try "
            f"again ({last})."
        )
    return f"{message} failed: {last}. Try again; if it fails again, choose a server."
