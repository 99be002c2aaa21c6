"""Turns a job of the host into an inpainting job that regenerates regions of a finished picture."""

from __future__ import annotations

from typing import Any

from lib_omost.regeneration import Regeneration
from lib_omost.webui.folder_batch import BATCH
from lib_omost.webui.sampler_calls import RefusalError

IN_BATCH = (
    "regions are regenerated in one picture, but this is a batch of a folder: leave the batch"
)

RANDOM_SEED = -1
"""The host's sign for a random seed."""

ORIGINAL = 1
"""The host's number for a masked part that starts from the picture, not from noise or a colour."""


def make_inpainting_job(p: Any, regeneration: Regeneration, denoising: float) -> None:
    """Makes the host's job paint the regeneration's boxes anew, once, with a new seed.

    The job becomes one of img2img before the host has started it, as if the visitor had sent the
    picture to "Inpaint upload" with "Whole picture". All other values of the job stay: prompts,
    sampler, checkpoint, scripts, output folder.

    Args:
        p: The host's job, of txt2img or img2img, in the hook `before_process`.
        regeneration: The picture and its boxes.
        denoising: Denoising strength.

    Raises:
        RefusalError: The job is one of a batch from a folder.
    """
    from modules.processing import StableDiffusionProcessingImg2Img
    from modules.shared import opts

    if hasattr(p, BATCH):
        raise RefusalError(IN_BATCH)
    p.__class__ = StableDiffusionProcessingImg2Img
    width, height = regeneration.opened.size
    values = {
        "init_images": [regeneration.opened],
        "image_mask": regeneration.mask,
        "mask_blur": 0,  # the mask has its soft edge already
        "denoising_strength": denoising,
        "inpainting_fill": ORIGINAL,
        "inpaint_full_res": False,
        "inpainting_mask_invert": 0,
        "resize_mode": 0,
        "initial_noise_multiplier": opts.initial_noise_multiplier,
        "width": width,
        "height": height,
        "seed": RANDOM_SEED,
        "subseed": RANDOM_SEED,
        "batch_size": 1,
        "n_iter": 1,
        "enable_hr": False,
    }
    for name, value in values.items():
        setattr(p, name, value)
