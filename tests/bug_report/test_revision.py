"""The commit of a folder, from real git checkouts."""

from __future__ import annotations

import os
import subprocess

import pytest

from lib_omost.bug_report.revision import NO_COMMIT, commit_of

DATES = {
    "GIT_AUTHOR_DATE": "2026-11-29T12:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-30T12:00:00Z",
}


@pytest.fixture
def checkout(tmp_path):
    """A git checkout with one commit of 2026-11-30."""
    folder = tmp_path / "checkout"
    (folder / "extensions" / "omost").mkdir(parents=True)
    (folder / "file").write_text("one")
    for command in (
        "init -q",
        "add file",
        "-c user.name=Ada -c user.email=ada@localhost commit -qm one",
    ):
        subprocess.run(
            ["git", "-C", folder, *command.split()],
            check=True,
            env={**os.environ, **DATES, "GIT_CONFIG_GLOBAL": os.devnull},
        )
    return folder


def test_a_checkout_has_a_commit_and_a_date(checkout):
    short = subprocess.check_output(["git", "-C", checkout, "rev-parse", "--short", "HEAD"])
    assert commit_of(checkout) == f"commit {short.decode().strip()} of 2026-11-30"


def test_changed_files_are_reported(checkout):
    (checkout / "file").write_text("two")
    assert commit_of(checkout).endswith(" of 2026-11-30, with changed files")


def test_a_folder_within_a_checkout_has_no_commit(checkout):
    """An extension from an archive would otherwise report the WebUI's commit as its own."""
    assert commit_of(checkout / "extensions" / "omost") == NO_COMMIT


def test_a_folder_without_git_has_no_commit(tmp_path):
    assert commit_of(tmp_path) == NO_COMMIT


def test_a_machine_without_git_has_no_commit(checkout, monkeypatch):
    monkeypatch.setenv("GIT", "a-program-that-does-not-exist")
    assert commit_of(checkout) == NO_COMMIT
