"""The command line's batch at the host: killed in the middle, and called again."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tests.conformance import payloads
from tests.conformance.check import Bench, check, demand
from tests.conformance.host_process import ROOT

SEEDS = (1, 2, 3, 4)
MOST_SECONDS = 1800


@check("sd1")
def headless_batch(bench: Bench) -> str:
    """`lib_omost batch --url`, killed after a picture, makes the others, all as over the API."""
    with tempfile.TemporaryDirectory() as folder:
        lines, out = Path(folder) / "lines.jsonl", Path(folder) / "out"
        asked = [{"canvas": payloads.canvas(), "seed": seed} for seed in SEEDS]
        lines.write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
        command = batch(bench, lines, out)
        early = killed_at_first_picture(command, out)
        demand(len(early) < len(SEEDS), "it was done before it could be killed")
        again = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=MOST_SECONDS
        )
        demand(again.returncode == 0, f"exit status {again.returncode}: {again.stderr[-300:]}")
        kept = all(path.stat().st_mtime_ns == when for path, when in early.items())
        demand(kept, "a picture that was there has been made again")
        pictures = [np.asarray(Image.open(path)) for path in sorted(made(out))]
    demand(len(pictures) == len(SEEDS), f"{len(pictures)} pictures")
    for seed, picture in zip(SEEDS, pictures, strict=True):
        same = np.array_equal(picture, bench.run(bench.omost(seed=seed)).images[0])
        demand(same, f"the picture of seed {seed} is another one over the API")
    return f"{len(early)} picture when killed, {len(SEEDS)} after, 0 bits differ"


def batch(bench: Bench, lines: Path, out: Path) -> Sequence[str]:
    """The command for the usual picture of each line."""
    job = bench.job()
    options = {
        "out": out,
        "url": bench.client.url,
        "size": f"{bench.size}x{bench.size}",
        "steps": job["steps"],
        "cfg": job["cfg_scale"],
        "sampler": job["sampler_name"],
        "prompt": job["prompt"],
        "negative": job["negative_prompt"],
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "lib_omost", "batch", str(lines), *given]


def killed_at_first_picture(command: Sequence[str], out: Path) -> dict[Path, int]:
    """Start a batch and kill it when it has a picture; when each picture was written, in ns."""
    deadline = time.monotonic() + MOST_SECONDS
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while process.poll() is None and not made(out):
            demand(time.monotonic() < deadline, f"no picture within {MOST_SECONDS} s")
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    return made(out)


def made(out: Path) -> dict[Path, int]:
    """The pictures that their records say are done, and when each was written, in ns."""
    records = [json.loads(path.read_bytes()) for path in out.glob("*.json")]
    pictures = [out / record["picture"] for record in records if record["picture"]]
    return {path: path.stat().st_mtime_ns for path in pictures}
