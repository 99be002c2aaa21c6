"""Lists the servers of language models and their models, and saves the key of one server."""

from __future__ import annotations

from collections.abc import Callable

from lib_omost.compose.access_restriction import RestrictedError
from lib_omost.compose.saved_server import SavedServer
from lib_omost.llm.server.address import base_url, normalize_key
from lib_omost.llm.server.discovery import LocalServer, local_servers
from lib_omost.llm.server.engine import ServerEngine
from lib_omost.program.port import Program


class ModelServers:
    """Lists servers and their models, and saves the address and key of one of them.

    Args:
        program: The surrounding program; its data folder has the file of address and key.
        find_local: Returns the servers that answer on this machine.
    """

    def __init__(
        self, program: Program, find_local: Callable[[], list[LocalServer]] = local_servers
    ) -> None:
        self._program = program
        self._find_local = find_local

    @property
    def saved(self) -> SavedServer:
        """The server that the owner used, in a file of the data folder."""
        return SavedServer(self._program.data_folder / "server.json")

    def local(self) -> list[LocalServer]:
        """Returns the servers that answer on this machine; none to visitors that may not choose."""
        return [] if self._program.restricts_visitors() else self._find_local()

    def models(self, address: str) -> list[str]:
        """Asks a server for the names of its models.

        Raises:
            RestrictedError: Visitors may not use this server.
            ServerError: The server gave no list; the message is a sentence for the user.
            ValueError: The address or the file of the key is unusable.
        """
        url = base_url(address)
        if self._program.restricts_visitors() and url != self.saved.address:
            raise RestrictedError
        return ServerEngine(address, self.saved.use(url)).models()

    def set_key(self, key: str, address: str = "") -> None:
        """Saves the key of a server in a file that only this user can read.

        Args:
            key: The key; "" deletes the saved one.
            address: The server's address; "" for the saved server.

        Raises:
            RestrictedError: Visitors may not change the key.
            ValueError: The key or the address is unusable, or a key comes without an address.
            OSError: The file cannot be written.
        """
        if self._program.restricts_visitors():
            raise RestrictedError
        self.saved.save(base_url(address) if address else "", normalize_key(key))

    def has_key(self) -> bool:
        """Returns True if a key is saved; False for a damaged file, which `models` reports."""
        try:
            return self.saved.has_key
        except ValueError:
            return False

    def is_saved(self, address: str) -> bool:
        """Returns True if an address is that of the saved server."""
        saved = self.saved.address
        try:
            return bool(saved) and base_url(address) == saved
        except ValueError:
            return False
