"""Mutants: the extension with one deliberate fault, and the copy in which the fault is made."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance.host_process import ROOT, WebUI


class StaleError(Exception):
    """The file no longer contains the text that a mutant replaces; the message says how often."""


@dataclass(frozen=True)
class Mutant:
    """A deliberate fault in one file of the extension.

    Attributes:
        name: What the fault is, in a few words.
        file: The file, relative to the repository.
        old: Text that occurs in the file exactly once.
        new: Text that replaces it.
        checks: Conformance checks that must turn red, each with words of the message that it must
            show. A check that is red for another reason has not noticed the fault.
        test: Pytest node that must fail, "" if only a real host shows the fault.
        model: Checkpoint with which the checks run.
        host: Name of the only host whose checks show the fault, "" if several do.
    """

    name: str
    file: str
    old: str
    new: str
    checks: Mapping[str, str] = field(default_factory=dict)
    test: str = ""
    model: str = "sd1"
    host: str = ""

    def is_for(self, webui: WebUI) -> bool:
        """Returns False if only another host has the adapter or the feature with the fault."""
        if self.host and webui.name != self.host:
            return False
        if "/hosts/a1111/" in self.file:
            return not webui.forge
        return webui.forge or "/hosts/forge/" not in self.file

    def text(self, root: Path) -> str:
        """Returns the text of the faulty file.

        Args:
            root: A folder with the extension.

        Raises:
            StaleError: The old text does not occur exactly once.
        """
        path = root / self.file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if text.count(self.old) != 1:
            raise StaleError(f"the old text occurs {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)

    @contextmanager
    def applied(self, root: Path) -> Iterator[None]:
        """Makes the fault in a copy of the extension, and removes it at the end.

        Args:
            root: The copy.

        Raises:
            StaleError: The old text does not occur exactly once.
        """
        path = root / self.file
        faulty, intact = self.text(root), path.read_bytes()
        path.write_text(faulty, encoding="utf-8")
        try:
            yield
        finally:
            path.write_bytes(intact)


def copy_extension(folder: Path) -> None:
    """Copies the files of this repository, without those that git ignores.

    Args:
        folder: The folder of the copy; it is created.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
