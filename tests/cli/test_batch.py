from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from lib_omost.__main__ import main
from lib_omost.batch import composer
from lib_omost.batch.batch_lock import lock_folder
from lib_omost.canvas import formats
from lib_omost.llm.engine import Done, Failed, Text
from lib_omost.llm.engine_factory import ChosenEngine
from lib_omost.renderer import demo_painter
from model_tools.random_models import tiny_pipeline
from tests.cli.test_render import CODE, parameters

LINES = [{"request": "toys"}, {"canvas": CODE, "seed": 3, "method": "couple"}]


class Scripted:
    """An engine that writes CODE, no canvas for "prose", and fails for "nothing"."""

    def __init__(self):
        self.seeds = []

    def stream(self, task, cancel):
        self.seeds.append(task.seed)
        request = task.messages[-1]["content"]
        if request == "nothing":
            yield Failed("There is no memory left.")
            return
        yield Text("I cannot help." if request == "prose" else CODE)
        yield Done("length" if request == "long" else "finished", 3)


@pytest.fixture(scope="module")
def stand_in():
    return tiny_pipeline()


@pytest.fixture
def batch(tmp_path, monkeypatch, stand_in, capsys):
    """Runs the command on lines in an empty folder; returns its exit status and messages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo_painter, "load_painter", lambda: stand_in)
    engine = Scripted()
    monkeypatch.setattr(
        composer, "create_engine", lambda *_, **__: ChosenEngine(engine, "You compose.")
    )

    def call(*arguments, lines=LINES):
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        Path("requests.jsonl").write_text("\n".join(texts))
        small = ["--size", "64x64", "--steps", "1", "--out", "made"]
        status = main(["batch", "requests.jsonl", *small, *arguments])
        return status, capsys.readouterr().err

    call.engine = engine
    return call


def made(pattern):
    return sorted(Path("made").glob(pattern))


def test_each_line_has_a_picture_a_canvas_and_a_record_and_all_a_sheet(batch):
    status, _ = batch("--seed", "5")
    assert status == 0
    (first, second), texts, records = made("0*.png"), made("*.txt"), made("*.json")
    assert [file.name[:4] for file in (*texts, *records)] == ["0001", "0002"] * 2
    assert all(formats.read(text.read_text()).canvas == formats.read(CODE).canvas for text in texts)
    assert json.loads(records[1].read_text())["asked"]["method"] == "couple"
    assert Image.open(first).size == (64, 64)
    assert "Seed: 5" in parameters(first)
    assert "Seed: 3" in parameters(second)
    assert "couple" in parameters(second)
    assert Image.open("made/sheet.png").width > 512


def test_the_same_command_again_makes_nothing(batch):
    batch()
    times = [file.stat().st_mtime_ns for file in made("0*")]
    status, said = batch()
    assert (status, "2 of 2 pictures are there already" in said) == (0, True)
    assert [file.stat().st_mtime_ns for file in made("0*")] == times


def test_a_second_batch_in_the_folder_is_refused_and_makes_nothing(batch):
    with lock_folder(Path("made"), print):
        status, said = batch()
        assert status == 1
        assert f"another batch works in made (process {os.getpid()} on " in said
        assert "wait until it has ended, or choose another folder with --out" in said
    assert batch.engine.seeds == []
    assert made("0*") == []
    assert batch()[0] == 0


def test_what_a_crash_left_unfinished_is_cleared(batch):
    Path("made").mkdir()
    Path("made/.0001-abc.png.unfinished").touch()
    assert batch()[0] == 0
    assert made(".*.unfinished") == []


def test_lines_that_fail_are_named_at_the_end(batch):
    lines = [{"request": "prose"}, {"request": "toys"}, {"request": "nothing"}]
    status, said = batch(lines=lines)
    assert status == 1
    assert "line 1: failed: the model wrote no canvas" in said
    assert "I cannot help." in said
    assert "line 3: failed: There is no memory left." in said
    assert said.splitlines()[-1] == "2 of 3 lines failed: 1, 3"
    assert len(made("0*.png")) == 1


def test_a_cut_answer_is_kept_and_said(batch):
    status, said = batch(lines=[{"request": "long"}])
    assert (status, "the answer was cut" in said) == (0, True)
    assert "the answer was cut" in json.loads(made("*.json")[0].read_text())["remarks"][0]


def test_bad_lines_are_told_before_anything_is_made(batch):
    status, said = batch(lines=[*LINES, "{", {"request": "a", "width": 60}])
    assert status == 2
    assert "requests.jsonl:3: this is not JSON" in said
    assert "requests.jsonl:4: sizes are multiples of 8; the nearest is 64x64" in said
    assert not Path("made").exists()


def test_ctrl_c_says_how_to_go_on(batch, monkeypatch):
    def interrupted(*_, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lib_omost.renderer.renderer.Renderer.render", interrupted)
        status, said = batch()
    assert (status, said.splitlines()[-1]) == (
        130,
        "interrupted; the same command continues from here",
    )
    assert len(made("*.txt")) == 2
    assert batch()[0] == 0
    assert len(batch.engine.seeds) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--jobs", "0"], "--jobs is at least 1"),
        (["--jobs", "2", "--ray", "auto"], "give either --jobs or --ray"),
        (["--url", "http://x", "--checkpoint", "y"], "with --url the WebUI has its own checkpoint"),
        (["--sampler", "Eular"], "requests.jsonl:1: no sampler 'Eular'"),
        (["--temperature", "9"], "--temperature must be between 0 and 5, not 9"),
        (["--start", "0.9", "--end", "0.1"], "must not be after end"),
        (["--lora", "absent.safetensors"], "no file absent.safetensors"),
    ],
)
def test_wrong_calls_are_2_and_say_why(batch, arguments, message):
    status, said = batch(*arguments)
    assert status == 2
    assert message in said


def test_a_file_that_is_not_there_is_2(batch, capsys):
    assert main(["batch", "absent.jsonl", "--out", "made"]) == 2
    assert "absent.jsonl" in capsys.readouterr().err


def test_a_checkpoint_that_cannot_be_loaded_is_1_and_the_canvases_are_kept(batch):
    Path("flux.safetensors").write_bytes(b"broken")
    status, said = batch("--checkpoint", "flux.safetensors")
    assert (status, "cannot load flux.safetensors" in said) == (1, True)
    assert len(made("*.txt")) == 2


def test_more_pictures_than_one_sheet_has_room_for(batch, monkeypatch):
    monkeypatch.setattr("lib_omost.cli.batch.PICTURES_PER_SHEET", 1)
    batch()
    assert [file.name for file in made("sheet*")] == ["sheet-1.png", "sheet-2.png"]
