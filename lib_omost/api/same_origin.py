"""Decides whether an HTTP request comes from this server's own page, and refuses other pages.

A browser lets any page send requests to this machine. The header Origin names the page that sends
the request, and Host names the server as the page addressed it. A page of another site has another
origin. A page whose name points to this machine (DNS rebinding) sends that name in Host.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Headers = Iterable[tuple[bytes, bytes]]
"""Headers of a request as in ASGI, with names in lower case."""

ADDRESS = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?", re.I)
ORIGIN = re.compile(r"(https?)://(.+)", re.I)
DEFAULT_PORTS = {"http": 80, "https": 443}

OTHER_PAGE = "Another web page ({origin}) asked for this. Only this server's own page may do so."
OTHER_SITE = "The page of another site asked for this. Only this server's own page may do so."
NO_HOST = "The request needs one header Host that names this server."
OTHER_HOST = "This server does not answer to the name {name}. {advice}"


def _trusts_nothing(origin: str) -> bool:
    return False


@dataclass(frozen=True)
class SameOrigin:
    """The rule that accepts requests from the server's own page and from programs.

    Attributes:
        names: Names that Host may contain, besides those of the loopback interface.
        any_address: Host may contain any IP address, as DNS rebinding needs a name.
        any_name: Host may contain any name.
        trusts: Returns whether the server's owner trusts the page of another origin.
        advice: A sentence for the error message that explains how to allow a name.
    """

    names: frozenset[str] = frozenset()
    any_address: bool = False
    any_name: bool = False
    trusts: Callable[[str], bool] = _trusts_nothing
    advice: str = ""

    def refusal(self, headers: Headers, method: str = "GET") -> str:
        """Returns the error message for a refused request, "" for an accepted one.

        Args:
            headers: The request's headers.
            method: The HTTP method.
        """
        values = _header_values(headers)
        hosts, origins = values.get("host", []), values.get("origin", [])
        host = _split_address(hosts[0]) if len(hosts) == 1 else None
        if host is None or len(origins) > 1:
            return NO_HOST
        if not self._is_own_name(host[0]):
            return OTHER_HOST.format(name=host[0], advice=self.advice).rstrip()
        if origins:
            return "" if self._accepts_origin(origins[0], host) else _other_page_error(origins[0])
        return "" if _same_site(values, method) else OTHER_SITE

    def _is_own_name(self, name: str) -> bool:
        if self.any_name or name == "localhost" or name in self.names:
            return True
        try:
            number = ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return self.any_address or number.is_loopback

    def _accepts_origin(self, origin: str, host: tuple[str, int | None]) -> bool:
        if self.trusts(origin):
            return True
        parts = ORIGIN.fullmatch(origin)
        address = _split_address(parts[2]) if parts else None
        if parts is None or address is None:  # such as "null"
            return False
        default_port = DEFAULT_PORTS[parts[1].lower()]
        return (address[0], address[1] or default_port) == (host[0], host[1] or default_port)


def host_name(text: str) -> str:
    """Returns the host name in an address such as `name:80` or `https://name`.

    Raises:
        ValueError: The text is no address.
    """
    parts = ORIGIN.fullmatch(text)
    address = _split_address(parts[2] if parts else text)
    if address is None:
        raise ValueError(f"{text!r} is no name of a host: write it as in my-computer.example.org.")
    return address[0]


def _header_values(headers: Headers) -> dict[str, list[str]]:
    """Returns all values of each header by its name."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1").strip())
    return values


def _split_address(text: str) -> tuple[str, int | None] | None:
    """Returns the name and the port of "name:port", None for anything else."""
    parts = ADDRESS.fullmatch(text)
    if parts is None:
        return None
    return parts[1].lower().rstrip("."), int(parts[2]) if parts[2] else None


def _other_page_error(origin: str) -> str:
    return OTHER_PAGE.format(origin=origin[:100])


def _same_site(headers: dict[str, list[str]], method: str) -> bool:
    """Returns whether the headers Sec-Fetch-* exclude a page of another site.

    Programs do not send these headers. A link on another site may open the page, as the other site
    cannot read the result.
    """
    sites = headers.get("sec-fetch-site", [])
    if set(sites) <= {"same-origin", "none"}:
        return True
    navigation = headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")
    return method in ("GET", "HEAD") and navigation == (["navigate"], ["document"])
