"""Names of presets: file names on every system, equal in any case."""

from __future__ import annotations

import json
import sys

import pytest

from lib_omost.presets.preset import LibraryError, PresetExistsError
from tests.presets.examples import FOREST


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "enter a name"),
        (" \n", "enter a name"),
        ("../Harbour", "or one of"),
        ("a\\b", "or one of"),
        ("C:", "or one of"),
        ("what?", "or one of"),
        ("two\nlines", "unprintable"),
        ("\ud800", "unprintable"),
        ("..", "full stop"),
        (".hidden", "full stop"),
        ("con", "reserved"),
        ("Com1.txt", "reserved"),
        ("ä" * 101, "longer than 200 bytes"),
    ],
)
def test_names_that_are_no_file_names_are_refused(library, name, sentence):
    for call in (
        lambda: library.save(name, FOREST),
        lambda: library.load(name),
        lambda: library.delete(name),
        lambda: library.rename("Harbour", name),
        lambda: library.import_text(json.dumps({"omost_preset": 1, "canvas": ""}), name),
    ):
        with pytest.raises(LibraryError, match=sentence):
            call()
    assert library.names() == ["Harbour"]


def test_letters_may_be_written_in_two_ways(library):
    library.save("Se\u0301ance", FOREST)  # as macOS writes an accent
    assert library.names() == ["Harbour", "S\u00e9ance"]
    assert library.load("s\u00e9ance") == FOREST


@pytest.mark.skipif(sys.platform != "linux", reason="other disks have one name for both")
def test_names_that_another_program_gave_in_two_cases_can_both_be_used(library, folder):
    (folder / "HARBOUR.json").write_bytes((folder / "Harbour.json").read_bytes())
    assert library.names() == ["HARBOUR", "Harbour"]
    with pytest.raises(PresetExistsError):
        library.save("harbour", FOREST)
    library.rename("HARBOUR", "Port")
    library.delete("Harbour")
    assert library.names() == ["Port"]
