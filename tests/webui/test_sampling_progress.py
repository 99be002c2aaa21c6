"""The progress of a WebUI's sampler, followed by the noise levels of its model calls."""

from __future__ import annotations

import inspect
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch

from lib_omost.attention.regional_options import RegionalOptions
from lib_omost.attention.regional_pass import RegionalPass
from lib_omost.webui.sampler_calls import RefusalError
from lib_omost.webui.sampling_progress import followed_progress, noise_levels

SIGMAS = torch.tensor([8.0, 4.0, 2.0, 1.0, 0.0])


class Denoiser(torch.nn.Module):
    """The host's CFGDenoiser; it stores the progress at each model call."""

    def __init__(self, regional_pass):
        super().__init__()
        self.regional_pass, self.progress = regional_pass, []

    def forward(self, x, sigma):
        self.progress.append(self.regional_pass.progress)
        return x


def euler(model, x, sigmas):
    for sigma in sigmas[:-1]:
        model(x, sigma * x.new_ones(len(x)))


def heun(model, x, sigmas):
    for sigma, after in pairwise(sigmas):
        model(x, sigma[None])
        if after > 0:
            model(x, after[None])


def dpm2(model, x, sigmas):
    for sigma, after in pairwise(sigmas):
        model(x, sigma[None])
        if after > 0:
            model(x, (sigma * after).sqrt()[None])


def with_cached_steps(model, x, sigmas):
    """Calls the model in the first and the last step only."""
    for sigma in (sigmas[0], sigmas[-2]):
        model(x, sigma[None])


def ddim(model, x, timesteps):
    for timestep in timesteps.flip(0)[:-1]:
        model(x, timestep[None])


def dpm_fast(model, x, sigma_min, sigma_max, n):
    for step in range(n):
        model(x, (sigma_max * (sigma_min / sigma_max) ** (step / n))[None])


def progress_of(function, **schedule):
    """Runs a sampler function and returns the progress at each model call."""
    regional_pass = RegionalPass([], RegionalOptions(end=0.5))
    denoiser = Denoiser(regional_pass)
    sampler = SimpleNamespace(func=function)
    with followed_progress(sampler, regional_pass):
        sampler.func(denoiser, torch.zeros(2, 4, 8, 8), **schedule)
    assert sampler.func is function
    assert not denoiser._forward_pre_hooks
    return denoiser.progress


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (euler, [0, 0.25, 0.5, 0.75]),
        (heun, [0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75]),
        (dpm2, [0, 0, 0.25, 0.25, 0.5, 0.5, 0.75]),
        (with_cached_steps, [0, 0.75]),
    ],
)
def test_progress_follows_the_sigmas_not_the_number_of_calls(function, expected):
    assert progress_of(function, sigmas=SIGMAS) == expected


def test_a_pass_that_starts_in_the_middle_of_the_schedule_counts_its_own_steps():
    """img2img and the hires pass omit the noisiest sigmas."""
    assert progress_of(euler, sigmas=SIGMAS[2:]) == [0, 0.5]


def test_timesteps():
    assert progress_of(ddim, timesteps=torch.tensor([1, 251, 501, 751, 951])) == [
        0,
        0.25,
        0.5,
        0.75,
    ]


def test_a_sampler_that_chooses_its_own_sigmas():
    ends = {"sigma_min": torch.tensor(0.03), "sigma_max": torch.tensor(14.6)}
    assert progress_of(dpm_fast, **ends, n=4) == [0, 0.25, 0.5, 0.75]


def test_an_adaptive_sampler_has_a_hundred_steps():
    levels = noise_levels({"sigma_min": 0.01, "sigma_max": 1.0})
    assert len(levels) == 100
    assert levels[50] == pytest.approx(0.1)


def test_a_single_timestep_is_one_step():
    assert noise_levels({"timesteps": torch.tensor([1])}) == [1]


def test_the_host_still_reads_the_parameters_of_the_sampler():
    sampler = SimpleNamespace(func=dpm_fast)
    with followed_progress(sampler, RegionalPass([], RegionalOptions(start=0.5))):
        assert "sigma_min" in inspect.signature(sampler.func).parameters


def test_a_sampler_is_left_alone_if_the_regions_act_at_all_steps():
    with followed_progress(SimpleNamespace(), RegionalPass([], RegionalOptions())):
        pass


def test_a_failed_sampling_leaves_no_hook():
    def fail(model, x, sigmas):
        raise RuntimeError("out of memory")

    regional_pass = RegionalPass([], RegionalOptions(end=0.5))
    denoiser = Denoiser(regional_pass)
    sampler = SimpleNamespace(func=fail)
    with pytest.raises(RuntimeError, match="memory"), followed_progress(sampler, regional_pass):
        sampler.func(denoiser, torch.zeros(1, 4, 8, 8), sigmas=SIGMAS)
    assert sampler.func is fail
    assert not denoiser._forward_pre_hooks


def test_another_program_s_sampler_is_refused_only_if_progress_matters():
    options = RegionalOptions(end=0.5)
    with (
        pytest.raises(RefusalError, match="set Start to 0"),
        followed_progress(SimpleNamespace(), RegionalPass([], options)),
    ):
        pass


def test_a_sampler_function_without_noise_levels_is_refused():
    with pytest.raises(RefusalError, match="set Start to 0"):
        noise_levels({"n": 4})
