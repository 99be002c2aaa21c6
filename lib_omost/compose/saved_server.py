"""The server that the WebUI's owner uses, and its key, in a file that nobody else can read."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

from lib_omost import atomic_files

_changing = threading.Lock()
"""Held from reading the file to writing it: of two composes at once neither may lose a key."""


@dataclass(frozen=True)
class _Saved:
    address: str = ""
    key: str = field(default="", repr=False)


class SavedServer:
    """One address and its key. A key goes to its own address only.

    file: where they are kept, with mode 0600; its folder is made when something is saved.

    Raises ValueError, in a sentence for the user, for a file that is none of ours, and OSError
    where it cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def address(self) -> str:
        """The server's base URL, "" while there is none."""
        return self._read().address

    @property
    def has_key(self) -> bool:
        """Whether a key is saved."""
        saved = self._read()
        return bool(saved.address and saved.key)

    def save(self, address: str, key: str) -> None:
        """Keep the key of a server; no key deletes the one that is kept.

        Raises:
            ValueError: There is a key and no address: it could be sent to anybody.
        """
        if key and not address:
            raise ValueError("Enter the server's address first: its key is sent to no other.")
        with _changing:
            self._write(_Saved(address or self.address, key))

    def use(self, address: str) -> str:
        """Remember a server as the one in use and return its key.

        "" where it has none; a server that has a key stays the remembered one.
        """
        with _changing:
            saved = self._read()
            if saved.address == address:
                return saved.key
            # A key without an address is one that an earlier version kept for whoever came first.
            if not (saved.address and saved.key):
                self._write(_Saved(address))
        return ""

    def _read(self) -> _Saved:
        try:
            data = json.loads(self._file.read_text("utf-8"))
            return _Saved(str(data["address"]), str(data["key"]))
        except FileNotFoundError:
            return _Saved()
        except (OSError, ValueError, KeyError, TypeError):
            # Without the cause, whose text may quote the file.
            raise ValueError(
                f"The file of the server's key cannot be read: delete {self._file} and enter the "
                f"key again."
            ) from None

    def _write(self, saved: _Saved) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_files.clear_unfinished(self._file.parent)
        data = json.dumps({"address": saved.address, "key": saved.key}).encode()
        atomic_files.write(self._file, data, mode=0o600)
