"""Measures time and memory of regional attention: `python benchmarks/attention.py`.

All candidates get the same queries of one layer, and keys and values that are computed before:
plain       fused attention to one bag of 77 tokens: the cost of the layer without regions;
formula     the formula written literally;
masked      one fused attention with a mask;
cells       one fused attention for every cell;
per_region  one fused attention of all pixels for each region, blended. This is the usual attention
            decomposition; its result differs, so no error is measured;
ours        RegionalPass on this device.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.profiler import ProfilerActivity, profile

from benchmarks import reference_attention as reference
from lib_omost.attention.cells import build_cells
from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.costs import MERGE_ALL, NEVER_MERGE, AttentionCosts
from lib_omost.attention.region_masks import area_scales, build_region_masks, condition_weights
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.attention.tensor_layout import join_heads, split_heads
from lib_omost.canvas.model import WHOLE_CANVAS, Place

BAG = 77
BAGS = 4
REGIONS = (1, 2, 4, 6, 12)
PLACES = (
    Place("in the center", "no offset", "a large square area"),
    Place("on the left", "slightly to the lower", "a medium-sized vertical area"),
    Place("on the top-right", "slightly to the lower-left", "a small square area"),
    Place("on the top", "slightly to the right", "a small horizontal area"),
    Place("on the bottom-left", "slightly to the upper-right", "a small square area"),
    Place("on the right", "slightly to the upper", "a medium-sized vertical area"),
    Place("on the bottom", "no offset", "a small horizontal area"),
    Place("on the top-left", "no offset", "a small square area"),
    Place("on the bottom-right", "slightly to the left", "a small vertical area"),
    Place("in the center", "slightly to the upper", "a medium-sized horizontal area"),
    Place("on the right", "no offset", "a small vertical area"),
    Place("on the left", "slightly to the upper", "a small square area"),
)
"""Regions as a language model writes them; six of them overlap as much as in Omost's own examples.
"""

Run = Callable[[], torch.Tensor]


@dataclass(frozen=True)
class Shape:
    """The queries of a cross-attention layer on side x side pixels."""

    model: str
    side: int
    heads: int
    d: int

    def __str__(self) -> str:
        return f"{self.model} {self.side}x{self.side} {self.heads}x{self.d}"


SHAPES = (
    Shape("SD1.5", 64, 8, 40),
    Shape("SD1.5", 32, 8, 80),
    Shape("SD1.5", 8, 8, 160),
    Shape("SDXL", 64, 10, 64),
    Shape("SDXL", 32, 20, 64),
)


class Case:
    """One shape with a number of regions, and the candidates that compute its attention."""

    def __init__(self, shape: Shape, regions: int, like: torch.Tensor, rows: int) -> None:
        self.shape, self.regions, self.rows = shape, regions, rows
        self.size = (shape.side, shape.side)
        self.boxes = (WHOLE_CANVAS, *(place.box for place in PLACES[:regions]))
        self.lengths = (BAGS * BAG,) * len(self.boxes)
        channels, tokens = shape.heads * shape.d, sum(self.lengths)
        self.q = torch.randn(rows, shape.side**2, channels).to(like)
        self.k, self.v = (torch.randn(1, tokens, channels).to(like) for _ in range(2))
        mask = build_region_masks(self.boxes, self.size)
        self.scales = area_scales(mask)
        self.weights = condition_weights(mask, RegionalOptions()).flatten(1)
        shares = (self.weights / self.weights.sum(0)).to(like)
        self.shares = shares[:, None, :, None]

    @property
    def cells(self) -> int:
        """Number of different sets of conditions that cover a pixel."""
        return len(build_cells(self.weights))

    @property
    def keys_per_pixel(self) -> float:
        """Average number of tokens to which a pixel attends."""
        return float(self.weights.count_nonzero() / self.weights.shape[1] * BAGS * BAG)

    def runs(self) -> dict[str, Run]:
        """The candidates by their names."""
        return {
            "plain": self.plain(),
            "formula": self.formula,
            "masked": self.regional(MERGE_ALL),
            "cells": self.regional(NEVER_MERGE),
            "per_region": self.per_region,
            "ours": self.regional(None),
        }

    def plain(self) -> Run:
        """Computes fused attention to one bag."""
        k, v = self.k[:, :BAG].contiguous(), self.v[:, :BAG].contiguous()
        return lambda: self.fused(self.q, k, v)

    def fused(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """Computes fused attention of all rows of q to k and v."""
        q, k, v = (split_heads(x, self.shape.heads) for x in (q, k, v))
        k, v = (x.expand(len(q), -1, -1, -1) for x in (k, v))
        return join_heads(scaled_dot_product_attention(q, k, v))

    def formula(self) -> torch.Tensor:
        """Computes the formula literally."""
        return reference.regional_attention(
            self.q, self.k, self.v, self.lengths, self.scales, self.weights, self.shape.heads
        )

    def error(self, answer: torch.Tensor) -> float:
        """Returns the largest difference from the formula in float64, on every 16th pixel."""
        q, k, v = (x.double() for x in (self.q[:, ::16], self.k, self.v))
        exact = reference.regional_attention(
            q, k, v, self.lengths, self.scales, self.weights[:, ::16], self.shape.heads
        )
        return (answer[:, ::16] - exact).abs().max().item()

    def per_region(self) -> torch.Tensor:
        """Computes fused attention of all pixels to every condition, with a row for each."""
        conditions = len(self.boxes)
        k, v = (x.view(conditions, BAGS * BAG, -1) for x in (self.k, self.v))
        q = self.q[:, None].expand(-1, conditions, -1, -1)
        answers = torch.stack([self.fused(row, k, v) for row in q], 1)
        return (answers * self.shares.transpose(0, 1)).sum(1)

    def regional(self, costs: AttentionCosts | None) -> Run:
        """Computes RegionalPass with the keys and values that a first call cached."""
        canvas = CanvasConditions(self.k[0], self.lengths, self.boxes)
        regional_pass = RegionalPass(
            [canvas] * self.rows, RegionalOptions(), costs=costs, cache_limit=1 << 40
        )
        images = list(range(self.rows))

        def run() -> torch.Tensor:
            return regional_pass.attend(
                "layer", self.q, lambda _: (self.k, self.v), images, self.size, self.shape.heads
            )

        run()
        return run


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds(run: Run, device: torch.device) -> float:
    wait(device)
    start = time.perf_counter()
    run()
    wait(device)
    return time.perf_counter() - start


def extra_bytes(run: Run, device: torch.device) -> tuple[int, torch.Tensor]:
    """Returns the peak memory of a run beyond its inputs, and its result."""
    if device.type == "cuda":
        wait(device)
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        result = run()
        return int(torch.cuda.max_memory_allocated(device) - before), result
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as prof:
        result = run()
    events = [e for e in prof.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = peak = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        held += event.nbytes()
        peak = max(peak, held)
    return peak, result


def measure(case: Case, budget: float) -> dict[str, Any]:
    """Returns median times of interleaved rounds that fit in `budget` seconds, at least two."""
    device = case.q.device
    runs = case.runs()
    memory, results = {}, {}
    for name, run in runs.items():
        memory[name], results[name] = extra_bytes(run, device)
    errors = {name: case.error(results[name]) for name in ("formula", "masked", "cells", "ours")}
    del results
    times: dict[str, list[float]] = {name: [] for name in runs}
    end = time.perf_counter() + budget
    while len(times["plain"]) < 2 or (time.perf_counter() < end and len(times["plain"]) < 25):
        for name, run in runs.items():
            times[name].append(seconds(run, device))
    ms = {name: statistics.median(values) * 1e3 for name, values in times.items()}
    return {
        "shape": str(case.shape),
        "regions": case.regions,
        "cells": case.cells,
        "keys_per_pixel": round(case.keys_per_pixel, 1),
        **{f"{name}_ms": round(value, 3) for name, value in ms.items()},
        "formula_over_ours": round(ms["formula"] / ms["ours"], 2),
        "ours_over_plain": round(ms["ours"] / ms["plain"], 2),
        "max_error": errors["ours"],
        "max_error_of": errors,
        "extra_bytes": memory["ours"],
        "extra_bytes_of": memory,
        "rounds": len(times["plain"]),
    }


def fit(device: torch.device, like: torch.Tensor) -> dict[str, Any]:
    """Measures the cost factors of lib_omost.attention.costs on this device."""
    heads, d = 8, 64
    channels = heads * d

    def attention(pixels: int, tokens: int, *, mask: bool = False, gather: bool = False) -> float:
        q = torch.randn(1, pixels, channels).to(like)
        k = torch.randn(1, 2 * tokens, channels).to(like)
        bias = torch.zeros(pixels, tokens).to(like).expand(1, heads, -1, -1) if mask else None

        def run() -> torch.Tensor:
            if gather:
                x = torch.cat([k[:, : tokens // 2], k[:, -(tokens // 2) :]], 1)
                y = torch.cat([k[:, : tokens // 2], k[:, -(tokens // 2) :]], 1)
            else:
                x = y = k[:, :tokens]
            query, key, value = (split_heads(t, heads) for t in (q, x, y))
            return join_heads(scaled_dot_product_attention(query, key, value, attn_mask=bias))

        run()
        return min(statistics.median(seconds(run, device) for _ in range(9)) for _ in range(3))

    dense = attention(4096, 1024)
    meeting = dense / (4096 * 1024 * channels)
    call = attention(8, 16, gather=True)
    token = (attention(16, 1024, gather=True) - call) / (1024 * channels) / meeting - 16
    return {
        "meeting_ps": round(meeting * 1e12, 2),
        "call_us": round(call * 1e6, 1),
        "call": round(call / meeting),
        "token": round(max(token, 0), 1),
        "mask": round(attention(4096, 1024, mask=True) / dense - 1, 3),
    }


COLUMNS = ("plain", "formula", "masked", "cells", "per_region", "ours")


def table_row(case: dict[str, Any]) -> str:
    times = "".join(f"{case[f'{name}_ms']:11.2f}" for name in COLUMNS)
    return (
        f"{case['shape']:<19}{case['regions']:>8}{case['cells']:>6}{times}"
        f"{case['formula_over_ours']:>9.1f}x{case['ours_over_plain']:>9.1f}x"
        f"{case['max_error']:>10.1e}{case['extra_bytes'] / 2**20:>8.1f}"
    )


def table_head() -> str:
    names = "".join(f"{name:>11}" for name in COLUMNS)
    return (
        f"{'shape (ms below)':<19}{'regions':>8}{'cells':>6}{names}"
        f"{'formula/':>10}{'/plain':>10}{'error':>10}{'MiB':>8}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--fit", action="store_true", help="measure the cost factors of this device instead"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--dtype", help="float32, float16 or bfloat16 (default: the device's usual type)"
    )
    parser.add_argument("--rows", type=int, default=1, help="number of images in the batch")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--seconds", type=float, default=150, help="time limit of all rounds together"
    )
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    device = torch.device(options.device)
    dtype = options.dtype or ("float32" if device.type == "cpu" else "float16")
    like = torch.empty(0, device=device, dtype=getattr(torch, dtype))
    with torch.inference_mode():
        if options.fit:
            print(json.dumps(fit(device, like)))
            return
        if not options.json:
            print(table_head())
        results = []
        budget = options.seconds / (len(SHAPES) * len(REGIONS))
        for shape in SHAPES:
            for regions in REGIONS:
                case = Case(shape, regions, like, options.rows)
                results.append(measure(case, budget))
                if not options.json:
                    print(table_row(results[-1]), flush=True)
    if options.json:
        about = {"device": str(device), "dtype": dtype, "rows": options.rows}
        about |= {"threads": options.threads, "torch": torch.__version__}
        print(json.dumps({**about, "cases": results}))


if __name__ == "__main__":
    main()
