"""Saves the address and key of one language model server in a file that only its owner reads."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

from lib_omost import atomic_files

_changing = threading.Lock()
"""Held from reading the file to writing it, so that concurrent answers do not lose a key."""


@dataclass(frozen=True)
class _AddressAndKey:
    address: str = ""
    key: str = field(default="", repr=False)


class SavedServer:
    """One server address and its key. The key is sent to this address only.

    Args:
        file: The file, written with mode 0600. Its folder is created when something is saved.

    Raises:
        ValueError: From all members: the file is damaged; the message is for the user.
        OSError: From all members: the file cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def address(self) -> str:
        """The server's base URL, "" before a server was used."""
        return self._read().address

    @property
    def has_key(self) -> bool:
        """True if a key is saved."""
        saved = self._read()
        return bool(saved.address and saved.key)

    def save(self, address: str, key: str) -> None:
        """Saves the key of a server.

        Args:
            address: The server's base URL; "" for the saved one.
            key: The key; "" deletes the saved one.

        Raises:
            ValueError: The key has no address, so it could be sent to any server.
        """
        if key and not address:
            raise ValueError("Enter the server's address first: its key is sent to no other.")
        with _changing:
            self._write(_AddressAndKey(address or self.address, key))

    def use(self, address: str) -> str:
        """Returns the key of a server that is about to be used, "" if it has none.

        The server becomes the saved one, unless the saved one has a key.
        """
        with _changing:
            saved = self._read()
            if saved.address == address:
                return saved.key
            # An earlier version saved keys without an address; such a key is dropped.
            if not (saved.address and saved.key):
                self._write(_AddressAndKey(address))
        return ""

    def _read(self) -> _AddressAndKey:
        try:
            data = json.loads(self._file.read_text("utf-8"))
            return _AddressAndKey(str(data["address"]), str(data["key"]))
        except FileNotFoundError:
            return _AddressAndKey()
        except (OSError, ValueError, KeyError, TypeError):
            # Without the cause: its text may quote the file.
            raise ValueError(
                f"The file of the server's key cannot be read: delete {self._file} and enter the "
                f"key again."
            ) from None

    def _write(self, saved: _AddressAndKey) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_files.clear_unfinished(self._file.parent)
        data = json.dumps({"address": saved.address, "key": saved.key}).encode()
        atomic_files.write(self._file, data, mode=0o600)
