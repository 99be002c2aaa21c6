"""The server that the WebUI's owner uses, and its key, in a file that nobody else can read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from lib_omost import atomic_files


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
        return bool(self._read().key)

    def save(self, address: str, key: str) -> None:
        """Keep a key for an address, "" for the one that is used next; no key keeps the address."""
        self._write(_Saved(address if key or address else self.address, key))

    def use(self, address: str) -> str:
        """Remember a server as the one in use and return its key.

        "" where it has none; a server that has a key stays the remembered one.
        """
        saved = self._read()
        if saved.address == address:
            return saved.key
        if saved.address and saved.key:
            return ""
        self._write(_Saved(address, saved.key))
        return saved.key

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
        data = json.dumps({"address": saved.address, "key": saved.key}).encode()
        atomic_files.write(self._file, data, mode=0o600)
