"""Speaks to a WebUI over its API: pictures out, recordings of the probe beside them."""

from __future__ import annotations

import base64
import http.client
import io
import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

TITLE, PROBE = "Omost", "Omost probe"


class HostError(RuntimeError):
    """The host answered with an error; `text` is all it said."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"HTTP {status}: {text[:300]}")
        self.status = status
        self.text = text


@dataclass(frozen=True, eq=False)
class Layer:
    """Input and output of one cross-attention for the positive rows of the first step.

    Both are [rows, H' * W', C].
    """

    input: np.ndarray
    output: np.ndarray


@dataclass(frozen=True, eq=False)
class SamplingPass:
    """One sampling pass (the first, the hires one, one of each batch) as the probe saw it.

    A refiner with a UNet of its own makes another pass of its part.

    size: the latent's (H, W); prompts: the batch's, as they were sampled.
    rows: positive and negative rows of each UNet call.
    negative_error, positive_effect: for each UNet call and each of its cross-attentions, how far
    the output was from the host's own, on negative and on positive rows.
    positive, negative, input: [rows, H' * W', C], first cross-attention of the first step.
    latents: [calls, images, c, H, W], before each model call.
    layer_count: how many cross-attentions the UNet has.
    layers: all cross-attentions; empty unless they were asked for.
    """

    size: tuple[int, int]
    prompts: tuple[str, ...]
    rows: tuple[tuple[int, int], ...]
    negative_error: tuple[tuple[float, ...], ...]
    positive_effect: tuple[tuple[float, ...], ...]
    positive: np.ndarray
    negative: np.ndarray
    input: np.ndarray
    latents: np.ndarray
    layer_count: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True, eq=False)
class Recording:
    """What the probe wrote down about one job; `comments` are what the page shows below it."""

    calls: int
    passes: tuple[SamplingPass, ...]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """A job's answer: pictures [H, W, 3] uint8, each one's infotext, all that was said beside."""

    images: list[np.ndarray]
    infotexts: list[str]
    info: dict[str, Any]
    recording: Recording | None = None

    @property
    def messages(self) -> list[str]:
        """What Omost has to say about the job."""
        return list(self.info["extra_generation_params"].get("Omost messages", []))


class Client:
    """One WebUI at `url`."""

    def __init__(self, url: str, timeout: float = 900) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        # A proxy of the environment must not stand between us and a host on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path: str) -> Any:
        """GET a route; its JSON. Raises HostError."""
        return self._send(urllib.request.Request(self.url + path))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST JSON to a route; its JSON. Raises HostError."""
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return self._send(urllib.request.Request(self.url + path, data, headers))

    def _send(self, request: urllib.request.Request) -> Any:
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise HostError(error.code, error.read().decode(errors="replace")) from None

    def script_titles(self) -> list[str]:
        """The scripts of txt2img, in lower case."""
        return [str(title).lower() for title in self.get("/sdapi/v1/scripts")["txt2img"]]

    def generate(
        self, payload: dict[str, Any], probe: dict[str, Any] | None = None, route: str = "txt2img"
    ) -> Result:
        """Run a job; with `probe` the recording comes along. Raises HostError."""
        if probe is None:
            return read_result(self.post(f"/sdapi/v1/{route}", payload))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(probe.get("file", Path(folder) / "recording.npz"))
            args = {PROBE: {"args": [{**probe, "file": str(file)}]}}
            scripts = {**payload.get("alwayson_scripts", {}), **args}
            answer = self.post(f"/sdapi/v1/{route}", {**payload, "alwayson_scripts": scripts})
            return read_result(answer, read_recording(file) if file.exists() else None)

    @contextmanager
    def unanswered(self, payload: dict[str, Any]) -> Iterator[None]:
        """Send a txt2img job; the connection is closed at the end, whether it is done or not."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/sdapi/v1/txt2img", json.dumps(payload), headers)
            yield
        finally:
            connection.close()


def read_result(answer: dict[str, Any], recording: Recording | None = None) -> Result:
    """Decode a txt2img or img2img answer; the grid a host puts first is left out."""
    info = json.loads(answer["info"])
    pictures = [Image.open(io.BytesIO(base64.b64decode(data))) for data in answer["images"]]
    pictures = pictures[info.get("index_of_first_image", 0) :]
    return Result(
        images=[np.asarray(picture.convert("RGB")) for picture in pictures],
        infotexts=[str(picture.info.get("parameters", "")) for picture in pictures],
        info=info,
        recording=recording,
    )


def read_recording(file: Path) -> Recording:
    """Read what the probe wrote."""
    with np.load(file) as arrays:
        notes = json.loads(str(arrays["notes"]))
        passes = tuple(read_pass(arrays, i, seen) for i, seen in enumerate(notes["passes"]))
    return Recording(notes["calls"], passes, tuple(notes["comments"]))


def read_pass(arrays: Any, index: int, notes: dict[str, Any]) -> SamplingPass:
    nothing = np.zeros((0, 0, 0), np.float32)

    def array(name: str) -> np.ndarray:
        return arrays.get(f"{index}/{name}", nothing)

    kept = sum(name.startswith(f"{index}/layer/") and name.endswith("/input") for name in arrays)
    prefixes = [f"layer/{i}/" for i in range(kept)]

    return SamplingPass(
        size=tuple(notes["size"]),
        prompts=tuple(notes["prompts"]),
        rows=tuple((positive, negative) for positive, negative in notes["rows"]),
        negative_error=tuple(map(tuple, notes["negative_error"])),
        positive_effect=tuple(map(tuple, notes["positive_effect"])),
        positive=array("positive"),
        negative=array("negative"),
        input=array("input"),
        latents=array("latents"),
        layer_count=notes["layers"],
        layers=tuple(
            Layer(array(f"{prefix}input"), array(f"{prefix}positive")) for prefix in prefixes
        ),
    )


def picture_base64(picture: np.ndarray) -> str:
    """A picture as the API takes it."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()
