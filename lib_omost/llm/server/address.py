"""Validates and normalises the address and the key of a server."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_ENDPOINT = re.compile(r"/(chat/completions|completions|models|api/(chat|generate|tags))$")
"""Paths that users copy with an address: of OpenAI's API and of Ollama's API."""

_VERSION = re.compile(r"/v\d+$")

_HOST = re.compile(r"\w[\w-]*(\.\w[\w-]*)*\.?")

_ADDRESS = re.compile(r"\w+://.*|[\w.-]+:\d+(/.*)?", re.ASCII)


def is_address(name: str) -> bool:
    """Returns True for a server's address, False for a model's name or path."""
    return _ADDRESS.fullmatch(name.strip()) is not None


def base_url(address: str) -> str:
    """Returns the base URL of a server's OpenAI API, such as "http://localhost:11434/v1".

    Args:
        address: The address as a user types it. Without a scheme, a public host name without a
            port gets https, every other address http.

    Raises:
        ValueError: The address is invalid. The message is for the user and contains no secret.
    """
    address = address.strip()
    if not address:
        raise ValueError('Enter the address of a server, for example "http://localhost:11434".')
    url = _split(address if "://" in address else f"http://{address}")
    if url.scheme not in ("http", "https"):
        raise ValueError(
            f"A server's address begins with http:// or https://, not {url.scheme}://."
        )
    host = _host(url)
    secure = url.scheme == "https" or ("://" not in address and not url.port and _is_public(host))
    # Servers print the address 0.0.0.0 when they listen; some systems cannot connect to it.
    host = "127.0.0.1" if host == "0.0.0.0" else host
    port = f":{url.port}" if url.port else ""
    return f"http{'s' if secure else ''}://{host}{port}{_path(url.path)}"


def normalize_key(key: str) -> str:
    """Returns an API key without the blanks around it.

    Args:
        key: The key as a user pastes it.

    Raises:
        ValueError: An HTTP header cannot contain the key. The message does not contain the key.
    """
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise ValueError("The key contains characters that no key has; copy it again.")
    return key


def is_loopback(url: str) -> bool:
    """Returns whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _split(address: str) -> SplitResult:
    try:
        url = urlsplit(address)
        port_is_valid = url.port != 0
    except ValueError:
        port_is_valid = False
    if not port_is_valid:
        raise ValueError("The address has no valid host and port; it looks like localhost:11434.")
    if "@" in url.netloc or url.query or url.fragment:
        raise ValueError("Enter the address alone; a password or key belongs in the key's field.")
    return url


def _host(url: SplitResult) -> str:
    host = url.hostname or ""
    if ":" in host:
        ipaddress.IPv6Address(host)
        return f"[{host}]"
    if not _HOST.fullmatch(host):
        raise ValueError(f'"{host}" is not the name of a host; an address looks like localhost:80.')
    return host


def _is_public(host: str) -> bool:
    return "." in host and not host.rpartition(".")[2].isdigit()


def _path(path: str) -> str:
    path = _ENDPOINT.sub("", path.rstrip("/"))
    return path if _VERSION.search(path) else f"{path}/v1"
