from __future__ import annotations

from dataclasses import dataclass

import pytest

from lib_omost.batch.composer import ComposedLine
from lib_omost.batch.executors import run_in_this_process
from lib_omost.batch.folder import BatchFolder
from lib_omost.batch.job_spec import BatchLine, JobSpec, LineError
from lib_omost.batch.run import Batch
from lib_omost.renderer.painting import PaintedPicture

LINES = [
    BatchLine(1, JobSpec(request="a cat"), "aaa"),
    BatchLine(2, JobSpec(canvas="given"), "bbb"),
    BatchLine(4, JobSpec(request="a dog"), "ccc"),
]


class Does:
    """A tool that runs a function, records its items, and fails at given calls."""

    needs_gpu = False

    def __init__(self, act):
        self.act = act
        self.given = []
        self.fails = {}

    def load(self):
        return self.do

    def do(self, item):
        self.given.append(item)
        error = self.fails.get(len(self.given))
        if error:
            raise error
        return self.act(item)


@dataclass
class Made:
    batch: Batch
    composing: Does
    painting: Does
    said: list


@pytest.fixture
def made(tmp_path):
    """Makes batches in one folder, each as a new call of the command would."""

    def make(lines=LINES):
        composing = Does(lambda job: ComposedLine(f"canvas of {job.request}", ("repaired",)))
        painting = Does(lambda job: PaintedPicture(f"picture of {job.canvas}".encode()))
        said = []
        folder = BatchFolder(tmp_path)
        batch = Batch(lines, folder, composing, painting, run_in_this_process, said.append)
        return Made(batch, composing, painting, said)

    return make


def pictures(path):
    return {file.name: file.read_text() for file in path.glob("*.png")}


ALL = {
    "0001-aaa.png": "picture of canvas of a cat",
    "0002-bbb.png": "picture of given",
    "0004-ccc.png": "picture of canvas of a dog",
}


def test_everything_is_composed_and_then_painted(made, tmp_path):
    run = made()
    assert run.batch.run() == []
    assert pictures(tmp_path) == ALL
    assert run.said == [
        "[1/2] line 1: composed",
        "  repaired",
        "[2/2] line 4: composed",
        "  repaired",
        "[1/3] line 1: 0001-aaa.png",
        "[2/3] line 2: 0002-bbb.png",
        "[3/3] line 4: 0004-ccc.png",
    ]


@pytest.mark.parametrize("step", [1, 2])
def test_a_crash_while_composing_redoes_and_loses_nothing(made, tmp_path, step):
    run = made()
    run.composing.fails[step] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run.batch.run()
    again = made()
    assert again.batch.run() == []
    assert len(again.composing.given) == 3 - step
    assert pictures(tmp_path) == ALL


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_crash_while_painting_redoes_and_loses_nothing(made, tmp_path, step):
    run = made()
    run.painting.fails[step] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run.batch.run()
    again = made()
    assert again.batch.run() == []
    assert again.composing.given == []
    assert len(again.painting.given) == 4 - step
    assert pictures(tmp_path) == ALL


def test_a_line_that_fails_stops_no_other_and_is_tried_again(made, tmp_path):
    run = made()
    run.composing.fails[1] = LineError("no memory")
    run.painting.fails[2] = LineError("the disk is slow")
    assert [line.number for line in run.batch.run()] == [1, 4]
    assert "[1/2] line 1: failed: no memory" in run.said
    assert pictures(tmp_path) == {"0002-bbb.png": "picture of given"}
    again = made()
    assert again.batch.run() == []
    assert again.said[0] == "1 of 3 pictures are there already"
    assert pictures(tmp_path) == ALL


def test_a_changed_line_is_made_anew_and_its_former_picture_kept(made, tmp_path):
    made().batch.run()
    changed = [*LINES[:2], BatchLine(4, JobSpec(request="two dogs"), "ddd")]
    run = made(changed)
    assert run.batch.run() == []
    assert run.said[:2] == [
        "2 of 3 pictures are there already",
        "line 4 has changed: it is made anew, and 0004-ccc.png is kept",
    ]
    assert pictures(tmp_path) == {**ALL, "0004-ddd.png": "picture of canvas of two dogs"}


def test_nothing_is_loaded_when_all_is_done(made, monkeypatch):
    made().batch.run()
    run = made()
    monkeypatch.setattr(run.painting, "load", lambda: pytest.fail("it was loaded"))
    assert run.batch.run() == []
