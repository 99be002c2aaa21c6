"""Downloads a file from the Hugging Face hub, and resumes an interrupted download."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import requests

from lib_omost.llm.failures import CancelledError
from lib_omost.llm.http_connection import CompressedError, Connection, Reply
from lib_omost.llm.model_downloads.common import DownloadError, Report
from lib_omost.llm.model_sources import ModelSource

PUBLIC_HUB = "https://huggingface.co"

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as broken."""

MAX_REDIRECTS = 5
MAX_FILE_BYTES = 1 << 40
MAX_FAILURES = 3
"""Attempts in sequence that brought no byte."""

WAIT = 1.0
"""Seconds before the first repetition; later ones wait longer."""

_CHECKSUM = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def hub_address() -> str:
    """Returns the address of the hub, or of the mirror that HF_ENDPOINT names."""
    return os.environ.get("HF_ENDPOINT", "").strip().rstrip("/") or PUBLIC_HUB


def file_address(source: ModelSource, name: str) -> str:
    """Returns the address of a file.

    Args:
        source: The repository and its revision.
        name: The file's name in the repository.
    """
    return f"{hub_address()}/{source.repository}/resolve/{source.revision}/{quote(name)}"


def download(
    connection: Connection, address: str, partial: Path, report: Report, expected: str = ""
) -> str:
    """Downloads a file, or the rest of it.

    A broken connection is repeated as long as bytes arrive.

    Args:
        connection: The connection; `abort` ends the download.
        address: The address of the file.
        partial: The file to append to; it remains after an error.
        report: Gets the progress.
        expected: The file's SHA-256, "" if unknown.

    Returns:
        The checksum that the hub reports, "" for none.

    Raises:
        DownloadError: The hub does not give the file.
        CancelledError: The connection was aborted.
        OSError: The file cannot be written.
    """
    failures = 0
    while True:
        before = _size(partial)
        try:
            return _download_rest(connection, address, partial, report, expected)
        except (requests.RequestException, CompressedError) as error:
            if connection.wait(0):
                raise CancelledError from error
            failures = 0 if _size(partial) > before else failures + 1
            if failures == MAX_FAILURES or not _size(partial):
                raise DownloadError(_reason(error)) from error
        if connection.wait(WAIT * 2**failures):
            raise CancelledError


def _download_rest(
    connection: Connection, address: str, partial: Path, report: Report, expected: str
) -> str:
    offset = _size(partial)
    with _open(connection, address, offset) as (reply, checksum):
        if reply.status == 416 and offset:
            if reply.headers.get("Content-Range") == f"bytes */{offset}":
                return checksum  # nothing is left
            partial.unlink()  # it is longer than the hub's file
            return _download_rest(connection, address, partial, report, expected)
        if not reply.ok:
            raise DownloadError(f"it answers with status {reply.status}")
        if expected and len(checksum) == len(expected) and checksum != expected:
            raise DownloadError("it has another file of this name")
        if offset and reply.status != 206 and not checksum:  # such as the page of a hotel's network
            raise DownloadError("it does not answer as the hub does")
        offset = offset if reply.status == 206 else 0
        length = reply.headers.get("Content-Length", "")
        total = offset + int(length) if length.isdigit() else 0
        with partial.open("ab") as file:
            file.seek(file.truncate(offset))
            for chunk in reply.chunks(MAX_FILE_BYTES):
                file.write(chunk)
                report(file.tell(), total)
    return checksum


@contextmanager
def _open(connection: Connection, address: str, offset: int) -> Iterator[tuple[Reply, str]]:
    """Requests a file from a byte on; yields the response and the hub's checksum, "" for none."""
    headers = {"Range": f"bytes={offset}-"} if offset else {}
    hub = urlsplit(address).netloc
    checksum = ""
    for _ in range(MAX_REDIRECTS + 1):
        with connection.send("GET", address, read_timeout=READ_TIMEOUT, headers=headers) as reply:
            if urlsplit(address).netloc == hub:  # another server's ETag is another kind of checksum
                checksum = checksum or _checksum(reply)
            if reply.redirect is None:
                yield reply, checksum
                return
            target = urljoin(address, reply.redirect)
        if address.startswith("https:") and not target.startswith("https:"):
            raise DownloadError("it redirects to an address without encryption")
        address = target
    raise DownloadError("it redirects too often")


def _checksum(reply: Reply) -> str:
    for name in ("X-Linked-Etag", "ETag"):
        value = reply.headers.get(name, "").removeprefix("W/").strip('"')
        if _CHECKSUM.fullmatch(value):
            return value
    return ""


def _size(partial: Path) -> int:
    return partial.stat().st_size if partial.exists() else 0


def _reason(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "it does not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not reach it"
    if isinstance(error, requests.ConnectionError):
        return "there is no connection to it"
    return f"it cannot be used ({type(error).__name__})"
