from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lib_omost.batch.executors import (
    PROCESS_DIED,
    BatchFailure,
    UnusableToolError,
    run_in_processes,
    run_in_this_process,
)
from lib_omost.batch.ray_executor import RAY_MISSING, run_on_ray
from tests.batch.tools import Upper

ROOT = Path(__file__).parents[2]
TWO = functools.partial(run_in_processes, 2)


def keyed(*texts):
    return {f"{number}": text for number, text in enumerate(texts)}


INTERRUPTED_BATCH = """
import sys
from pathlib import Path
from lib_omost.ctrl_c import exit_with

def command():
    from lib_omost.batch.executors import run_in_processes
    from tests.batch.tools import Upper
    dict(run_in_processes(2, Upper(Path(sys.argv[1])), {"a": "wait", "b": "wait"}))

exit_with(command)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_prints_no_traceback_of_a_process_that_starts(tmp_path):
    """A terminal sends it to all processes of the command."""
    command = [sys.executable, "-c", INTERRUPTED_BATCH, tmp_path]
    with subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while len(psutil.Process(process.pid).children()) < 2:  # Python's own helper, and a worker
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr.read() == "interrupted\n"
        assert process.wait(60) == 130


@pytest.mark.parametrize("workers", [run_in_this_process, TWO])
def test_each_item_has_its_result_or_its_failure(workers, tmp_path, capfd):
    results = dict(workers(Upper(tmp_path), keyed("a", "fail", "b", "bug")))
    assert results == {
        "0": "A",
        "1": BatchFailure("it cannot be done"),
        "2": "B",
        "3": BatchFailure("ZeroDivisionError: by zero"),
    }
    assert "by zero" in capfd.readouterr().err  # where it was, for whoever looks for the bug


@pytest.mark.parametrize("workers", [run_in_this_process, TWO])
def test_a_tool_that_cannot_be_made_ends_the_work(workers, tmp_path):
    with pytest.raises(UnusableToolError, match="no such model"):
        dict(workers(Upper(tmp_path, usable=False), keyed("a", "b")))


def test_each_process_loads_once(tmp_path):
    assert len(dict(TWO(Upper(tmp_path), keyed(*"abcdefgh")))) == 8
    processes = [file.name.split("-")[0] for file in tmp_path.iterdir()]
    assert 1 <= len(processes) == len(set(processes)) <= 2
    assert str(os.getpid()) not in processes


def test_a_process_that_dies_loses_no_line(tmp_path):
    results = dict(TWO(Upper(tmp_path), keyed("die once", *"abcde")))
    assert results == keyed("DIE ONCE", *"ABCDE")


def test_a_line_that_kills_its_process_is_given_up_and_the_others_done(tmp_path):
    results = dict(run_in_processes(1, Upper(tmp_path), keyed("a", "die", "b")))
    assert results == {"0": "A", "1": BatchFailure(PROCESS_DIED), "2": "B"}


def test_processes_end_when_nobody_wants_more(tmp_path):
    results = TWO(Upper(tmp_path), keyed("a", "wait", "b"))
    assert {next(results)[0], next(results)[0]} == {"0", "2"}
    results.close()
    assert multiprocessing.active_children() == []


def test_processes_end_with_a_parent_that_was_killed(tmp_path):
    program = (
        "from pathlib import Path; from tests.batch.tools import Upper\n"
        "from lib_omost.batch.executors import run_in_processes\n"
        f"if __name__ == '__main__': dict(run_in_processes(1, Upper(Path({str(tmp_path)!r})), "
        "{'0': 'wait'}))"
    )
    file = tmp_path / "program.py"
    file.write_text(program)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, str(file)], env=environment)
    made = until(lambda: list(tmp_path.glob("*-*")))
    until(lambda: (tmp_path / "waits").exists())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not Path(f"/proc/{made[0].name.split('-')[0]}").exists())


def until(condition):
    for _ in range(600):
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    return pytest.fail("it takes longer than a minute")


def test_without_ray_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UnusableToolError, match="pip install ray"):
        dict(run_on_ray("auto", Upper(tmp_path), keyed("a")))
    assert "pip install ray" in RAY_MISSING
