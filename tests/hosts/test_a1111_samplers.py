"""Whole sampling runs of the real k-diffusion on ldm's real UNet with A1111's hooks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest
import torch

from lib_omost.attention.conditions import CanvasConditions
from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.canvas.model import WHOLE_CANVAS
from lib_omost.webui.sampling_progress import followed_progress
from tests.hosts.a1111_stand_in import WIDTH, Denoiser, Webui, checkpoint, tiny_unet

A, B, BOX, NEGATIVE = torch.randn(4, 77, WIDTH, generator=torch.manual_seed(7)) * 3
NOISE = torch.randn(2, 4, 8, 12, generator=torch.manual_seed(8))
SIGMAS = torch.tensor([8.0, 4.0, 2.0, 1.0, 0.0])
CFG = 5.0
UNUSED = ("scipy", "torchdiffeq", "torchsde", "torchvision", "torchvision.transforms")
"""Packages that k-diffusion imports for samplers and training that the tests do not use."""


@pytest.fixture(scope="module")
def k_diffusion() -> Iterator[Any]:
    """Returns k_diffusion.sampling without the package's own imports, which need training code."""
    spec = find_spec("k_diffusion")
    assert spec is not None
    package = ModuleType("k_diffusion")
    package.__path__ = list(spec.submodule_search_locations or ())
    with pytest.MonkeyPatch.context() as patch:
        for name in UNUSED:
            patch.setitem(sys.modules, name, MagicMock())
        patch.setitem(sys.modules, "k_diffusion", package)
        from k_diffusion import sampling

        yield sampling


@pytest.fixture
def webui() -> Iterator[Webui]:
    webui = Webui(checkpoint("first", tiny_unet()))
    with webui.running():
        yield webui


class Model(torch.nn.Module):
    """Denoises two images with the guidance scale CFG."""

    def __init__(self, webui: Webui, conds: Any) -> None:
        super().__init__()
        self.denoiser = Denoiser(webui, conds, [NEGATIVE] * 2)

    def forward(self, x: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        cond, uncond = self.denoiser(x / (sigma**2 + 1)[:, None, None, None] ** 0.5).chunk(2)
        return x - sigma[:, None, None, None] * (uncond + CFG * (cond - uncond))


class Sampler:
    """The host's sampler with the real function of k-diffusion."""

    def __init__(self, webui: Webui, func: Callable[..., torch.Tensor]) -> None:
        self.webui, self.func = webui, func

    def __call__(self, conds: Any) -> torch.Tensor:
        """Samples two images from noise."""
        model = Model(self.webui, conds)
        return self.func(model, NOISE * SIGMAS[0], sigmas=SIGMAS, disable=True)


@contextmanager
def two_canvases(sampler: Sampler, **options: Any) -> Iterator[None]:
    """Installs hooks with two canvases whose global descriptions are A and B."""
    from lib_omost.hosts.a1111 import A1111Host

    canvases = [CanvasConditions(text, (len(text),), (WHOLE_CANVAS,)) for text in (A, B)]
    regional_pass = RegionalPass(canvases, RegionalOptions(**options))
    with A1111Host().sampling(regional_pass), followed_progress(sampler, regional_pass):
        yield


@pytest.mark.parametrize("name", ["euler", "heun", "dpmpp_2m"])
def test_canvases_with_the_text_of_prompts_give_the_prompts_pictures(
    webui: Webui, k_diffusion: Any, name: str
) -> None:
    sampler = Sampler(webui, getattr(k_diffusion, f"sample_{name}"))
    prompted = sampler([[A], [B]])
    with two_canvases(sampler):
        ours = sampler([[BOX], [BOX]])
    torch.testing.assert_close(ours, prompted, atol=1e-3, rtol=1e-4)
    assert (prompted - sampler([[BOX], [BOX]])).abs().max() > 0.1


@pytest.mark.parametrize("name", ["euler", "heun", "dpm_2", "dpmpp_2m"])
def test_regions_that_never_start_change_nothing(webui: Webui, k_diffusion: Any, name: str) -> None:
    sampler = Sampler(webui, getattr(k_diffusion, f"sample_{name}"))
    plain = sampler([[BOX], [BOX]])
    with two_canvases(sampler, start=1.0):
        assert torch.equal(sampler([[BOX], [BOX]]), plain)
    with two_canvases(sampler, start=0.75):
        assert not torch.equal(sampler([[BOX], [BOX]]), plain)
