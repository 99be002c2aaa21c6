"""The virtual environment that uses the host's packages: created, rebuilt, and failing."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from lib_omost.llm import environment_packages, model_environment
from lib_omost.llm.engine import Done, Failed, Progress, Text
from lib_omost.llm.environment_packages import (
    PackageSet,
    llama_cpp_packages,
    transformers_packages,
)
from lib_omost.llm.model_environment import ModelEnvironment
from lib_omost.llm.pip_output import download_fraction
from tests.llm.asking import stream, task, text_of


def build(made, cancel=None):
    return list(made.build(cancel or threading.Event()))


def wheel(folder, name, program="here = __file__\n", version="1.0"):
    """Returns the path of a wheel with one module."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", program)
        archive.writestr(f"{info}/METADATA", about)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return str(path)


class LocalPackages:
    """The packages of an environment with one locally built package, without network access."""

    def __init__(self, folder):
        self.packages = PackageSet(
            (wheel(folder, "tiny_omost"),), ("tiny_omost",), (20, 130), shares_host=True
        )

    def __call__(self):
        return self.packages

    def change(self, **changes):
        self.packages = dataclasses.replace(self.packages, **changes)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return LocalPackages(tmp_path)


@pytest.fixture
def little(tmp_path, packages):
    return ModelEnvironment(tmp_path / "environment", packages)


def inside(made, program):
    return subprocess.run([made.python, "-c", program], check=True, capture_output=True, text=True)


def test_it_has_its_own_packages_and_the_host_s_behind_them(little):
    assert not little.ready
    events = build(little)
    assert events[-1] == Done("finished", 0)
    assert [e.message for e in events if isinstance(e, Progress)][-1] == "Testing it"
    said = text_of(events)
    assert said.index("harms nothing") < said.index("Successfully installed tiny")
    assert little.ready
    assert str(little.folder) in inside(little, "import tiny_omost; print(tiny_omost.here)").stdout
    found = inside(little, "from importlib import metadata; print(metadata.version('torch'))")
    assert found.stdout.strip() == metadata.version("torch")


def test_a_second_build_at_the_same_time_is_refused(little):
    first = little.build(threading.Event())
    assert next(first) == Progress("Making the environment")
    assert build(ModelEnvironment(little.folder, little._packages)) == [
        Failed(
            "Another tab or program makes this environment already: wait until it has finished "
            "and try again."
        )
    ]
    assert list(first)[-1] == Done("finished", 0)
    assert build(little)[-1] == Done("finished", 0)


def test_without_the_host_s_packages_it_has_only_its_own(little, packages):
    packages.change(shares_host=False)
    assert build(little)[-1] == Done("finished", 0)
    program = "import tiny_omost, importlib.util as u; print(u.find_spec('torch'))"
    assert inside(little, program).stdout.strip() == "None"


def test_another_torch_asks_for_another_environment(little, monkeypatch):
    build(little)
    monkeypatch.setattr(environment_packages, "host_torch", lambda: "2.1.2+cu121")
    assert not little.ready
    monkeypatch.undo()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
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
def test_pip_s_lines_tell_how_much_is_downloaded(lines, share):
    found = download_fraction(lines, megabytes=20)
    assert found == (None if share is None else pytest.approx(share, abs=0.01))


def test_a_failure_is_told_and_can_be_repeated(little, packages):
    right = packages.packages.requirements
    packages.change(requirements=("no-such-package-of-omost",))
    *_, end = build(little)
    assert isinstance(end, Failed)
    assert "could not be downloaded: check the network" in end.message
    assert not little.ready
    packages.change(requirements=right)
    assert build(little)[-1] == Done("finished", 0)


def test_packages_that_cannot_be_imported_are_told(little, packages):
    packages.change(modules=("not_in_there",))
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
    monkeypatch.setattr(environment_packages, "host_torch", lambda: torch)
    monkeypatch.setattr(sys, "platform", "linux")
    named = [
        r
        for r in transformers_packages().requirements
        if r.startswith(("transformers", "bitsandbytes"))
    ]
    assert named == expected


def package_index(folder, program):
    """Returns the address of a package index with tiny_omost."""
    files = folder / "tiny-omost"
    files.mkdir(parents=True)
    name = Path(wheel(files, "tiny_omost", program)).name
    (files / "index.html").write_text(f"<a href='{name}'>{name}</a>")
    return folder.as_uri()


GPU_WHEEL = """
def get_device_info():
    {}
"""


@pytest.mark.parametrize(
    ("works", "kept"), [("return []", "for the card"), ("raise OSError", "for the processor")]
)
def test_a_build_for_the_graphics_card_stays_if_it_works(
    little, packages, tmp_path, monkeypatch, works, kept
):
    card = f"here = 'for the card'{GPU_WHEEL.format(works)}"
    packages.change(
        requirements=("tiny_omost>=1",),
        shares_host=False,
        gpu_index=package_index(tmp_path / "gpu", card),
    )
    monkeypatch.delenv("PIP_NO_INDEX")
    usual = package_index(tmp_path / "usual", "here = 'for the processor'\n")
    monkeypatch.setenv("PIP_INDEX_URL", usual)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    events = build(little)
    assert events[-1] == Done("finished", 0), events[-3:]
    assert inside(little, "import tiny_omost; print(tiny_omost.here)").stdout.strip() == kept
    assert ("on the processor" in text_of(events)) == (kept == "for the processor")


@pytest.mark.parametrize(
    ("torch", "driver", "index"),
    [
        ("2.7.1+cu128", "/usr/bin/nvidia-smi", "cu128"),
        ("2.7.1+cu128", None, ""),
        ("2.7.1+cpu", "/usr/bin/nvidia-smi", ""),
        ("2.7.1+rocm6.3", None, "rocm-6.4.1"),
        ("2.9.0+rocm7.0", None, "rocm-7.2.4"),
        ("", "/usr/bin/nvidia-smi", ""),
    ],
)
def test_the_build_of_llama_cpp_suits_the_graphics_card(monkeypatch, torch, driver, index):
    monkeypatch.setattr(environment_packages, "host_torch", lambda: torch)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(environment_packages.shutil, "which", lambda name: driver)
    found = llama_cpp_packages().gpu_index
    assert found.removeprefix(environment_packages.GPU_INDEX) == index


def test_on_a_mac_the_usual_wheel_uses_the_graphics_card(monkeypatch):
    monkeypatch.setattr(environment_packages, "host_torch", lambda: "2.7.1")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert llama_cpp_packages().gpu_index == ""


@pytest.mark.parametrize(
    ("transformers", "needed"), [("4.44.0", True), ("4.45.0", False), ("5.23.0", False)]
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


@pytest.mark.slow
def test_a_gguf_file_answers_in_an_environment_made_from_the_package_index(tmp_path):
    from lib_omost.llm.llama_cpp.engine import LlamaCppEngine
    from model_tools.tiny_gguf import write_tiny_gguf

    made = ModelEnvironment(tmp_path / "environment", llama_cpp_packages)
    assert build(made)[-1] == Done("finished", 0)
    listed = json.loads(
        inside(
            made,
            "import json; from importlib import metadata as m; "
            "print(json.dumps([d.name for d in m.distributions()]))",
        ).stdout
    )
    assert set(listed) - {"pip", "setuptools"} == {"xllamacpp", "psutil"}
    engine = LlamaCppEngine(made.python, write_tiny_gguf(tmp_path / "tiny.gguf"))
    assert list(stream(engine, task("hello", max_new_tokens=5)))[-1].reason == "length"
    engine.unload()
