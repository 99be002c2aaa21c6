"""The canvas library: presets come back, and no preset is overwritten without being asked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from lib_omost.presets.library import Library
from lib_omost.presets.preset import Preset, PresetExistsError, PresetNotFoundError
from tests.presets.examples import FOREST, HARBOUR


def test_an_empty_library_makes_no_folder(folder):
    assert Library(folder).names() == []
    assert not folder.exists()


def test_a_preset_comes_back(library, folder):
    library.save("Forest, at dawn", FOREST)
    assert library.names() == ["Forest, at dawn", "Harbour"]
    assert Library(folder).load("Harbour") == HARBOUR
    assert Library(folder).load("Forest, at dawn") == FOREST
    assert sorted(file.name for file in folder.iterdir()) == [
        "Forest, at dawn.json",
        "Harbour.json",
    ]


def test_nothing_is_replaced_unasked(library):
    with pytest.raises(PresetExistsError, match="'Harbour' exists already"):
        library.save("harbour", FOREST)
    assert library.load("Harbour") == HARBOUR
    library.save("harbour", FOREST, replace=True)
    assert (library.names(), library.load("HARBOUR")) == (["Harbour"], FOREST)


def test_renaming(library):
    library.rename("Harbour", "Port")
    assert (library.names(), library.load("Port")) == (["Port"], HARBOUR)
    library.rename("Port", "port")
    assert library.names() == ["port"]
    library.save("Forest", FOREST)
    with pytest.raises(PresetExistsError):
        library.rename("port", "FOREST")
    with pytest.raises(PresetNotFoundError, match="no preset is named 'Harbour'"):
        library.rename("Harbour", "Haven")
    assert (library.load("port"), library.load("Forest")) == (HARBOUR, FOREST)


def test_deleting(library):
    library.delete("Harbour")
    assert library.names() == []
    for missing in (library.delete, library.load):
        with pytest.raises(PresetNotFoundError):
            missing("Harbour")


def test_of_many_that_save_one_name_at_once_one_does(library):
    saved = []

    def save(number):
        try:
            library.save("New", Preset(str(number)))
            saved.append(str(number))
        except PresetExistsError:
            pass

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [library.load("New").canvas] == saved


SAVING = """
import sys, time
from pathlib import Path
from lib_omost.presets.library import Library
from lib_omost.presets.preset import Preset, PresetExistsError

folder, name, named = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
(folder / f"{name}.ready").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
for number in range(200):
    try:
        Library(folder).save(f"{named} {number}", Preset(name))
        print(number)
    except PresetExistsError:
        pass
"""


@pytest.mark.parametrize("other", ["Preset", "PRESET"])
def test_of_two_programs_that_save_one_name_at_once_one_does(tmp_path, other):
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", SAVING, tmp_path, name, named],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, named in (("first", "Preset"), ("second", other))
    ]
    while len(list(tmp_path.glob("*.ready"))) < 2:
        assert all(program.poll() is None for program in programs)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    saved = [program.communicate(timeout=120)[0].split() for program in programs]
    assert sorted([*saved[0], *saved[1]], key=int) == [str(number) for number in range(200)]
    for name, numbers in zip(("first", "second"), saved, strict=True):
        assert {Library(tmp_path).load(f"Preset {number}").canvas for number in numbers} <= {name}


def test_renaming_takes_no_name_that_appears_meanwhile(library, folder, monkeypatch):
    """Another program saves the name between our look and our rename."""
    link = os.link

    def slow(old, new):
        (folder / "Port.json").write_bytes(b'{"omost_preset": 1, "canvas": "theirs"}')
        link(old, new)

    monkeypatch.setattr(os, "link", slow)
    with pytest.raises(PresetExistsError, match="'Port' exists already"):
        library.rename("Harbour", "Port")
    assert (library.load("Port"), library.load("Harbour")) == (Preset("theirs"), HARBOUR)
