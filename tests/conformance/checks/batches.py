"""Batches: each picture follows its own canvas."""

from __future__ import annotations

import base64
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from tests.conformance import payloads
from tests.conformance.check import AbsentError, Bench, check, demand, demand_regional
from tests.conformance.client import TITLE, picture_base64
from tests.conformance.compare import max_difference

SEED = 1234
A = payloads.canvas()
B = payloads.canvas(left=payloads.TREES, right=payloads.BONFIRE, scene="A desert at noon")


def single(bench: Bench, seed: int, code: str | None) -> np.ndarray:
    request = bench.omost(code, seed=seed) if code else bench.job(seed=seed)
    return bench.run(request).images[0]


def host_tolerance(bench: Bench, pictures: int = 2) -> float:
    """How far the host's own batch is from its single pictures, at least one level."""
    batch = bench.run(bench.job(batch_size=pictures, seed=SEED)).images
    pairs = [(batch[i], single(bench, SEED + i, None)) for i in range(pictures)]
    return max(1.0, *(max_difference(a, b) for a, b in pairs))


def each_follows_its_own(bench: Bench, codes: Sequence[str], **changes: Any) -> str:
    """Compare a batch with the single pictures of the same seeds and canvases."""
    given = codes[0] if len(codes) == 1 else list(codes)
    pictures = bench.run(bench.omost(given, seed=SEED, **changes)).images
    count = changes.get("batch_size", 1) * changes.get("n_iter", 1)
    demand(len(pictures) == count, f"{len(pictures)} pictures instead of {count}")
    tolerance, worst = 2 * host_tolerance(bench), 0.0
    for i, picture in enumerate(pictures):
        code = codes[i % len(codes)]
        difference = max_difference(picture, single(bench, SEED + i, code))
        demand(difference <= tolerance, f"picture {i + 1} is {difference:.0f} levels off")
        worst = max(worst, difference)
    return f"{count} pictures within {worst:.0f} of 255 (the host's own: {tolerance / 2:.0f})"


@check("sd1", "sd2", "sdxl")
def two_canvases(bench: Bench) -> str:
    """A batch of 2 with two canvases equals the two single runs, as nearly as the host's own."""
    batch = bench.record(bench.omost([A, B], batch_size=2, seed=SEED))
    demand_regional(batch)
    rows = batch.passes[0].positive
    for i, (own, other) in enumerate(((A, B), (B, A))):
        alone = bench.record(bench.omost(own, seed=SEED + i)).passes[0].positive[0]
        crossed = bench.record(bench.omost(other, seed=SEED + i)).passes[0].positive[0]
        error, distance = max_difference(rows[i], alone), max_difference(rows[i], crossed)
        demand(error < 1e-4, f"attention of picture {i + 1} is {error:.1e} off")
        demand(distance > 0.01, f"the other canvas is only {distance:.1e} away")
    seen = each_follows_its_own(bench, [A, B], batch_size=2)
    return f"{seen}; attention within {error:.1g}, {distance:.2g} from the other canvas's"


@check("sd1", "sdxl")
def one_canvas(bench: Bench) -> str:
    """A batch of 2 with one canvas equals the two single runs."""
    return each_follows_its_own(bench, [A], batch_size=2)


@check("sd1")
def batch_count(bench: Bench) -> str:
    """Batch count 2 and batch size 2 with four canvases: picture i follows canvas i."""
    return each_follows_its_own(bench, [A, B, B, A], batch_size=2, n_iter=2)


@check("sd1")
def folder_batch(bench: Bench) -> str:
    """img2img batch: pictures follow the canvas beside them, in their infotext, or of the page."""
    bench.need_probe()
    page = payloads.canvas(places=(payloads.RIGHT, payloads.LEFT))
    start = {"init_images": [gray(bench.size)], "denoising_strength": 0.9}
    job = {**bench.job(), "denoising_strength": 0.9}
    with tempfile.TemporaryDirectory() as name:
        for number in (1, 2, 3):
            save_gray(Path(name) / f"{number}.png", bench.size)
        (Path(name) / "1.txt").write_text(A, encoding="utf-8")
        save_gray(Path(name) / "2.png", bench.size, bench.run(bench.omost(B)).infotexts[0])
        request = {"folder": name, "job": job, "title": TITLE, "argument": {"canvas": page}}
        # A1111 encodes the first picture with random numbers that the job before leaves behind,
        # and a batch of 2 leaves others than a single picture.
        bench.run(bench.job(), fresh=True)
        answer = bench.client.post("/omost-probe/batch", request)
    demand(len(answer["images"]) == 3, f"{len(answer['images'])} pictures: {answer['comments']}")
    if bench.host == "Forge Classic":
        message = answer["comments"][-1]
        demand("does not reveal which file" in message, f"the message is: {message}")
        raise AbsentError(f"the host does not read the files with images.read; {message}")
    for number, code in enumerate((A, B, page)):
        alone = bench.run({**bench.omost(code), **start}, route="img2img").images[0]
        difference = max_difference(decode(answer["images"][number]), alone)
        demand(difference == 0, f"picture {number + 1} is {difference:.0f} levels off")
    return str(answer["comments"][-1])


def save_gray(file: Path, side: int, infotext: str = "") -> None:
    metadata = PngImagePlugin.PngInfo()
    if infotext:
        metadata.add_text("parameters", infotext)
    Image.new("RGB", (side, side), (127, 127, 127)).save(file, pnginfo=metadata)


def gray(side: int) -> str:
    """A grey square as the API takes it."""
    return picture_base64(np.full((side, side, 3), 127, np.uint8))


def decode(data: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
