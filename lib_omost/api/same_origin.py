"""Refuses requests of other web pages: the rule, which every HTTP request must pass.

A browser lets any page send requests to this machine. It says in the header Origin which page asks,
and in Host which name that page used. A page of another site has another origin. A page that made
its own name point to this machine (DNS rebinding) has that name in Host.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Headers = Iterable[tuple[bytes, bytes]]
"""A request's headers as ASGI gives them; their names are lower case."""

ADDRESS = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?", re.I)
ORIGIN = re.compile(r"(https?)://(.+)", re.I)
DEFAULT_PORTS = {"http": 80, "https": 443}

OTHER_PAGE = "Another web page ({origin}) asked for this. Only this server's own page may do so."
OTHER_SITE = "The page of another site asked for this. Only this server's own page may do so."
NO_HOST = "The request needs one header Host that names this server."
OTHER_HOST = "This server does not answer to the name {name}. {advice}"


def _none(origin: str) -> bool:
    return False


@dataclass(frozen=True)
class SameOrigin:
    """Lets requests through that come from the server's own page, or from no page at all.

    names: the names that may stand in the header Host, beside those of the loopback interface.
    any_address: an IP address may stand there too. Nobody can rebind a number.
    any_name: everything may stand there.
    trusts: tells whether the owner of the server trusts the page of another origin.
    advice: the sentence that says how to add a name.
    """

    names: frozenset[str] = frozenset()
    any_address: bool = False
    any_name: bool = False
    trusts: Callable[[str], bool] = _none
    advice: str = ""

    def refusal(self, headers: Headers, method: str = "GET") -> str:
        """Return the sentence that refuses a request, "" for a request that may pass."""
        found = _values(headers)
        hosts, origins = found.get("host", []), found.get("origin", [])
        host = _address(hosts[0]) if len(hosts) == 1 else None
        if host is None or len(origins) > 1:
            return NO_HOST
        if not self._is_ours(host[0]):
            return OTHER_HOST.format(name=host[0], advice=self.advice).rstrip()
        if origins:
            return "" if self._may_ask(origins[0], host) else _other_page(origins[0])
        return "" if _same_site(found, method) else OTHER_SITE

    def _is_ours(self, name: str) -> bool:
        if self.any_name or name == "localhost" or name in self.names:
            return True
        try:
            number = ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return self.any_address or number.is_loopback

    def _may_ask(self, origin: str, host: tuple[str, int | None]) -> bool:
        if self.trusts(origin):
            return True
        parts = ORIGIN.fullmatch(origin)
        address = _address(parts[2]) if parts else None
        if parts is None or address is None:  # such as "null"
            return False
        usual = DEFAULT_PORTS[parts[1].lower()]
        return (address[0], address[1] or usual) == (host[0], host[1] or usual)


def host_name(text: str) -> str:
    """Return the name in an address such as `name:80` or `https://name`. Raises ValueError."""
    parts = ORIGIN.fullmatch(text)
    address = _address(parts[2] if parts else text)
    if address is None:
        raise ValueError(f"{text!r} is no name of a host: write it as in my-computer.example.org.")
    return address[0]


def _values(headers: Headers) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1").strip())
    return values


def _address(text: str) -> tuple[str, int | None] | None:
    parts = ADDRESS.fullmatch(text)
    if parts is None:
        return None
    return parts[1].lower().rstrip("."), int(parts[2]) if parts[2] else None


def _other_page(origin: str) -> str:
    return OTHER_PAGE.format(origin=origin[:100])


def _same_site(found: dict[str, list[str]], method: str) -> bool:
    """Whether the browser does not say that another site asks; programs say nothing.

    A link of another site may open the page: that site learns nothing of it.
    """
    sites = found.get("sec-fetch-site", [])
    if set(sites) <= {"same-origin", "none"}:
        return True
    opens = found.get("sec-fetch-mode"), found.get("sec-fetch-dest")
    return method in ("GET", "HEAD") and opens == (["navigate"], ["document"])
