"""The stand-alone program: its options and its queue."""

from __future__ import annotations

import threading

from lib_omost.program.standalone import StandaloneProgram


def test_the_small_composer_is_the_model_to_begin_with():
    program = StandaloneProgram()
    assert program.option("omost_model", "") == "composer"
    assert program.option("omost_library", "") == ""
    assert program.localisation_files() == ()
    assert program.memory.bytes_to_load() == 0


def test_the_idle_queue_is_held_without_a_wait():
    program = StandaloneProgram()
    with program.idle_queue() as was_free:
        assert was_free
        waiting = program.queue.acquire(threading.Event())
        next(waiting)
        waiting.close()
        with program.idle_queue() as is_free:
            assert not is_free
    with program.idle_queue() as was_free:
        assert was_free
