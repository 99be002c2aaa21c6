"""The virtual environment that uses the host's packages: created, rebuilt, and failing."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from importlib import metadata

import pytest

from lib_omost.llm import model_environment
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.model_environment import ModelEnvironment, requirements
from tests.llm.asking import stream, task, text_of


def build(made, cancel=None):
    return list(made.build(cancel or threading.Event()))


def wheel(folder, name):
    """Returns the path of a wheel with one module."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "here = __file__\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return str(path)


@pytest.fixture
def little(tmp_path, monkeypatch):
    """An environment with one locally built package, without network access."""
    monkeypatch.setattr(model_environment, "REQUIRED_MODULES", ("tiny_omost",))
    monkeypatch.setattr(model_environment, "requirements", lambda: [wheel(tmp_path, "tiny_omost")])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return ModelEnvironment(tmp_path / "environment")


def inside(made, program):
    return subprocess.run([made.python, "-c", program], check=True, capture_output=True, text=True)


def test_it_has_its_own_packages_and_the_host_s_behind_them(little):
    assert not little.ready
    events = build(little)
    assert events[-1] == Done("finished", 0)
    assert [e.message for e in events if isinstance(e, Progress)][-1] == "Step 3 of 3: Testing it"
    said = text_of(events)
    assert said.index("harms nothing") < said.index("Successfully installed tiny")
    assert little.ready
    assert str(little.folder) in inside(little, "import tiny_omost; print(tiny_omost.here)").stdout
    found = inside(little, "from importlib import metadata; print(metadata.version('torch'))")
    assert found.stdout.strip() == metadata.version("torch")


def test_another_torch_asks_for_another_environment(little, monkeypatch):
    build(little)
    monkeypatch.setattr(model_environment, "_fingerprint", lambda: "of another torch")
    assert not little.ready
    assert build(little)[-1] == Done("finished", 0)
    assert little.ready


@pytest.mark.parametrize(
    ("lines", "share"),
    [
        ([], None),
        (["Collecting gguf\n"], None),
        (["  Downloading gguf-1.whl (512 kB)\n", "  Using cached a.whl (4.5 MB)\n"], 0.25),
        (["Downloading torch.whl (2.0 GB)\n"], 0.99),
    ],
)
def test_pip_s_lines_tell_how_much_is_downloaded(monkeypatch, lines, share):
    monkeypatch.setattr(model_environment, "_may_use_cuda", lambda: False)  # about 20 MB in all
    found = model_environment.download_fraction(lines)
    assert found == (None if share is None else pytest.approx(share, abs=0.01))


def test_a_failure_is_told_and_can_be_repeated(little, monkeypatch):
    right = model_environment.requirements
    monkeypatch.setattr(model_environment, "requirements", lambda: ["no-such-package-of-omost"])
    *_, end = build(little)
    assert isinstance(end, Failed)
    assert "could not be downloaded: check the network" in end.message
    assert not little.ready
    monkeypatch.setattr(model_environment, "requirements", right)
    assert build(little)[-1] == Done("finished", 0)


def test_packages_that_cannot_be_imported_are_told(little, monkeypatch):
    monkeypatch.setattr(model_environment, "REQUIRED_MODULES", ("not_in_there",))
    *_, end = build(little)
    assert "No module named 'not_in_there'" in end.message
    assert not little.ready


def test_it_can_be_cancelled(little):
    cancel = threading.Event()
    events = little.build(cancel)
    next(events)
    cancel.set()
    assert list(events)[-1] == Done("cancelled", 0)
    assert not little.ready


def test_what_an_interrupted_try_left_is_replaced(little):
    (little.folder / "lib").mkdir(parents=True)
    (little.folder / "pyvenv.cfg").write_text("half of it")
    assert build(little)[-1] == Done("finished", 0)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    *_, end = build(ModelEnvironment(tmp_path / "file" / "environment"))
    assert isinstance(end, Failed)


def test_the_plan_says_what_where_and_how_much(tmp_path):
    plan = ModelEnvironment(tmp_path).plan()
    assert str(tmp_path) in plan
    assert "transformers" in plan
    assert " MB" in plan
    assert "own packages stay as they are" in plan


@pytest.mark.parametrize(
    ("torch", "expected"),
    [
        ("2.1.2+cu121", ["transformers>=4.46.1,<4.50", "bitsandbytes==0.45.5"]),
        ("2.3.1+cu121", ["transformers>=4.46.1,<4.50", "bitsandbytes>=0.48,<1"]),
        ("2.13.0", ["transformers>=4.57,<5.40", "bitsandbytes>=0.48,<1"]),
        ("2.1.2+cpu", ["transformers>=4.46.1,<4.50"]),
    ],
)
def test_the_packages_fit_the_host_s_torch(monkeypatch, torch, expected):
    monkeypatch.setattr(model_environment.metadata, "version", lambda name: torch)
    monkeypatch.setattr(sys, "platform", "linux")
    named = [r for r in requirements() if r.startswith(("transformers", "bitsandbytes"))]
    assert named == expected


@pytest.mark.parametrize(
    ("transformers", "needed"), [("4.30.2", True), ("4.41.0", False), ("5.23.0", False)]
)
def test_it_is_needed_where_the_host_s_transformers_is_too_old(monkeypatch, transformers, needed):
    monkeypatch.setattr(model_environment.metadata, "version", lambda name: transformers)
    assert model_environment.is_needed() is needed


@pytest.mark.slow
def test_a_model_writes_in_an_environment_made_from_the_package_index(tmp_path, folder):
    from lib_omost.llm.process_engine import ProcessEngine, worker_command

    before = subprocess.run([sys.executable, "-m", "pip", "freeze"], capture_output=True).stdout
    made = ModelEnvironment(tmp_path / "environment")
    assert build(made)[-1] == Done("finished", 0)
    engine = ProcessEngine(worker_command(made.python, folder))
    events = list(stream(engine, task("hello", max_new_tokens=5)))
    assert isinstance(events[-1], Done), events[-1]
    assert any(isinstance(event, Text) for event in events)
    engine.unload()
    after = subprocess.run([sys.executable, "-m", "pip", "freeze"], capture_output=True).stdout
    assert after == before
