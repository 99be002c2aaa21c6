"""Reports on the stand-alone page, and on the Python that runs its models."""

from __future__ import annotations

import functools
import platform
import threading
from importlib import metadata
from pathlib import Path

from lib_omost.bug_report.facts import Fact
from lib_omost.bug_report.report import build_report, report_text
from lib_omost.serve.image_process import ImageProcess

_building = threading.Lock()


def report(image_process: ImageProcess) -> str:
    """Returns the report of the panel About as Markdown.

    The first call starts a Python, which takes seconds. Later calls return the same report, so
    visitors cannot start many processes.

    Args:
        image_process: The process of the page's image model.
    """
    with _building:
        return _build(image_process.python, bool(image_process.model.checkpoint))


@functools.cache
def _build(python: Path, has_checkpoint: bool) -> str:
    facts: dict[str, Fact] = {
        "Program": lambda: "stand-alone page",
        "Page": lambda: f"gradio {metadata.version('gradio')}, Python {platform.python_version()}",
        "Image model": lambda: "a checkpoint" if has_checkpoint else "the demonstration painter",
        "Attention": lambda: "scaled_dot_product_attention of torch",
    }
    return report_text(build_report(facts, python=python))
