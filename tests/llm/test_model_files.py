"""Paths for the names of models, and the detection of replaced files."""

from __future__ import annotations

import os

import pytest

from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import find_model
from lib_omost.llm.model_files import files_identity
from lib_omost.llm.server.model_list import model_identity


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("~nobody-of-this-name/x", "There is no such user here"),
        ("a\0b", "is not a valid path"),
        ("x" * 5000, "is not a valid path"),
        ("models/\ud800", "is not a valid path"),
    ],
)
def test_a_name_that_is_no_path_is_refused_in_a_sentence(name, message):
    with pytest.raises(UnusableError, match=message):
        find_model(name)
    assert files_identity(name) is None


def test_a_replaced_file_and_a_changed_folder_are_noticed(tmp_path):
    file = tmp_path / "model.gguf"
    file.write_bytes(b"one")
    of_file, of_folder = files_identity(str(file)), files_identity(str(tmp_path))
    assert (files_identity(str(file)), files_identity(str(tmp_path))) == (of_file, of_folder)
    other = tmp_path / "other"
    other.write_bytes(b"two")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert files_identity(str(file)) != of_file
    assert files_identity(str(tmp_path)) != of_folder


def test_when_a_server_was_asked_is_no_part_of_its_model():
    at_once, old = {"id": "a", "created": 10_000}, {"id": "a", "created": 1}
    assert model_identity(at_once, 10_000) == model_identity({"id": "a", "created": 9_999}, 10_000)
    assert model_identity(old, 10_000) != model_identity({"id": "a", "created": 2}, 10_000)
    assert model_identity({"id": "b"}, 0) != model_identity({"id": "a"}, 0)
