"""Adds Omost's messages to the results of selectable scripts, and ends scripts that it refuses.

A selectable script (SD upscale, X/Y/Z plot and others) runs jobs and makes a result of its own from
their pictures. The messages are in the results of the jobs alone. `ScriptRunner.run` of the host is
therefore replaced by a function that adds them to the result of the script.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from lib_omost.webui import messages, prompt_file
from lib_omost.webui.job_scripts import selected_script
from lib_omost.webui.sampler_calls import RefusalError

MARK = "omost_messages"
"""The attribute of the function that replaces `ScriptRunner.run`."""

WITH_GAPS = ("x/y/z plot", prompt_file.TITLE)
"""Titles of the scripts that go on without the pictures of a job; the capitals differ."""


def register() -> None:
    """Replaces the host's `ScriptRunner.run`; safe to repeat."""
    from modules.scripts import ScriptRunner

    if not getattr(ScriptRunner.run, MARK, False):
        ScriptRunner.run = _adding_messages(ScriptRunner.run)


def needs_pictures(p: Any) -> bool:
    """Returns True if the host's job p belongs to a script that needs a picture of every job.

    Without the pictures SD upscale saves a black picture, and other scripts fail.
    """
    script = selected_script(p)
    return script is not None and script.title().lower() not in WITH_GAPS


def _adding_messages(run: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a `ScriptRunner.run` that adds the messages and ends with a refusal's message."""

    @functools.wraps(run)
    def run_and_add(runner: Any, p: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            processed = run(runner, p, *args, **kwargs)
        except RefusalError as refusal:
            processed = _without_pictures(p, str(refusal))
        if processed is not None:  # None: the user selected no script
            messages.add_to_result(p, processed)
        return processed

    setattr(run_and_add, MARK, True)
    return run_and_add


def _without_pictures(p: Any, message: str) -> Any:
    """Returns a result of the host that consists of a message."""
    from modules.processing import Processed

    p.comment(message)
    return Processed(p, [])
