"""The host's stack tells whether the calling thread works for a job."""

from __future__ import annotations

from types import ModuleType

import pytest

from lib_omost.program.webui_queue import thread_holds_lock, within_job


def called_from(module, function, call):
    """Call from a function of a module as the host has it."""
    host = ModuleType(module)
    exec(f"def {function}(call):\n    return call()", vars(host))
    return getattr(host, function)(call)


@pytest.mark.parametrize(
    ("module", "function", "holds_lock", "in_job"),
    [
        ("modules.processing", "process_images", True, False),
        ("modules.processing", "process_images_inner", True, True),
        ("modules.scripts", "run", True, False),  # a selectable script before its first job
        ("modules.scripts_postprocessing", "run", True, False),  # the Extras tab
        ("modules_forge.main_thread", "loop", True, False),
        ("another_extension", "process_images_inner", False, False),
        ("modules.call_queue", "f", False, False),
    ],
)
def test_the_stack_tells_who_waits_for_itself(module, function, holds_lock, in_job):
    assert called_from(module, function, thread_holds_lock) is holds_lock
    assert called_from(module, function, within_job) is in_job


def test_a_free_thread_holds_nothing():
    assert not thread_holds_lock()
    assert not within_job()
