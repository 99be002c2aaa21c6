"""Measures a whole UNet step with a canvas against the same step with one 77-token prompt.

python benchmarks/unet_step.py [--json] [--canvas FILE] [--size WxH] [--repeats N]

The architecture is SD1.5's with random weights, in float32 on the CPU and float16 on a GPU. A step
is one call of the UNet, with CFG (a negative and a positive row) and without. Plain and regional
steps take turns; the median counts. The first regional step also computes the keys and values that
later steps find in the cache. On one thread the ratio of CPU time equals the ratio of time, and
other busy programs do not change it.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas import formats
from lib_omost.canvas.model import Canvas
from lib_omost.cli.common import parse_size
from lib_omost.hosts.canvas_encoding import EncodingCache, encode_canvas
from lib_omost.renderer.pipeline_host import PipelineHost
from lib_omost.renderer.pipeline_loading import load_tokenizers, silence_libraries
from model_tools.random_models import model_configs, random_models

ROOT = Path(__file__).parents[1]
TRANSCRIPT = ROOT.parent / "shared" / "seeds" / "004_3dfdd9699a1916b8.txt"
EXAMPLE = ROOT / "examples" / "harbour.txt"


def read_canvas(file: Path | None) -> tuple[str, Canvas]:
    """Reads the given canvas, else the transcript in ../shared if it is there, else an example."""
    if file is None and TRANSCRIPT.exists():
        name, text = "second canvas of the transcript", TRANSCRIPT.read_text().split("```python")[2]
        text = text.split("```")[0]
    else:
        name, text = (file or EXAMPLE).name, (file or EXAMPLE).read_text()
    canvas = formats.read(text).canvas
    if canvas is None:
        raise SystemExit(f"{name} cannot be read; see python -m lib_omost canvas {file}")
    return name, canvas


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--canvas", type=Path)
    parser.add_argument("--size", type=parse_size, default=(512, 512), metavar="WxH")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    silence_libraries()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    host = make_host(device)
    name, canvas = read_canvas(options.canvas)
    conditions = encode_canvas(canvas, host, cache=EncodingCache()).conditions
    result: dict[str, Any] = {
        "canvas": name,
        "regions": len(canvas.regions),
        "tokens": len(conditions.context),
        "size": "{}x{}".format(*options.size),
        "device": torch.cuda.get_device_name() if device == "cuda" else f"cpu, {cpu()}",
    }
    latent = options.size[1] // 8, options.size[0] // 8
    for guidance in (True, False):
        key = "with_guidance" if guidance else "without_guidance"
        result[key] = measure(host, conditions, latent, 1 + guidance, options.repeats)
    print(json.dumps(result, indent=2) if options.json else table(result))


def make_host(device: str) -> PipelineHost:
    parts = {part: model_configs("sd1")[part] for part in ("unet", "text_encoder")}
    models = random_models(parts, seed=1)
    dtype = torch.float16 if device == "cuda" else torch.float32
    models = {part: model.to(device, dtype) for part, model in models.items()}
    return PipelineHost(SimpleNamespace(**models, **load_tokenizers("sd1"), num_timesteps=1000))


@torch.inference_mode()
def measure(
    host: PipelineHost,
    conditions: CanvasConditions,
    latent: tuple[int, int],
    rows: int,
    repeats: int,
) -> dict[str, float]:
    """Measures plain and regional steps in turns, and the peak memory of each.

    On the CPU the only known peak is that of the whole process, so the result has only the memory
    that the regional step needs beyond the plain one.
    """
    unet = host.pipeline.unet
    generator = torch.Generator().manual_seed(1)
    sample = torch.randn(rows, 4, *latent, generator=generator).to(unet.device, unet.dtype)
    context = conditions.context[None, :77].repeat(rows, 1, 1).to(unet.dtype)

    def step() -> None:
        unet(sample, 500, encoder_hidden_states=context, return_dict=False)

    regional_pass = RegionalPass([conditions], RegionalOptions())

    def regional_step() -> None:
        with host.sampling(regional_pass):
            step()

    step()
    plain_peak = peak(step)
    first, first_cpu = timed(regional_step)
    regional_peak = peak(regional_step)
    times = [(*timed(step), *timed(regional_step)) for _ in range(repeats)]
    plain, plain_cpu, ours, ours_cpu = (
        statistics.median(column) for column in zip(*times, strict=True)
    )
    return {
        "plain_ms": round(1000 * plain, 1),
        "regional_ms": round(1000 * ours, 1),
        "ratio": round(ours / plain, 3),
        "cpu_time_ratio": round(ours_cpu / plain_cpu, 3),
        "first_step_ratio": round(first / plain, 3),
        "first_step_cpu_time_ratio": round(first_cpu / plain_cpu, 3),
        "plain_peak_mb": round(plain_peak / 2**20),
        "regional_extra_peak_mb": round((regional_peak - plain_peak) / 2**20),
    }


def timed(step: Callable[[], None]) -> tuple[float, float]:
    """Returns the elapsed seconds and this process's CPU seconds."""
    synchronize()
    start, start_cpu = time.perf_counter(), time.process_time()
    step()
    synchronize()
    return time.perf_counter() - start, time.process_time() - start_cpu


def peak(step: Callable[[], None]) -> int:
    """Returns the peak memory in bytes: of the process so far, or on a GPU of the step."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    step()
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def cpu() -> str:
    threads = torch.get_num_threads()
    return f"{threads} thread{'s' if threads > 1 else ''}"


def table(result: dict[str, Any]) -> str:
    lines = [
        "{canvas}: {regions} regions, {tokens} tokens, {size} pixels, {device}".format(**result),
        "target: ratio at most 1.15",
    ]
    for key in ("with_guidance", "without_guidance"):
        lines += [f"\n{key.replace('_', ' ')}:"]
        lines += [f"  {name.replace('_', ' ')}: {value}" for name, value in result[key].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
