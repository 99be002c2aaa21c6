"""Pipelines from checkpoint files and diffusers folders, without a network."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from lib_omost.renderer.architectures import CONFIGS, Configs, configs, random_models
from lib_omost.renderer.ldm_format import TEXT_PREFIXES, Architecture

CLIP_TOKENIZER = Path(__file__).parents[1] / "models" / "clip_tokenizer"
PIPELINES = {
    "sd1": "StableDiffusionPipeline",
    "sd2": "StableDiffusionPipeline",
    "sdxl": "StableDiffusionXLPipeline",
}
UNET_INPUT = "model.diffusion_model.input_blocks.0.0.weight"


class UnsupportedModelError(ValueError):
    """Why a checkpoint cannot be used, in one sentence."""


def load(checkpoint: Path, *, config: Path | None = None) -> Any:
    """Load a pipeline from a .safetensors or .ckpt file of SD1, SD2 or SDXL, or from a folder.

    config: a diffusers folder whose configurations the file follows, for unusual widths.
    On the GPU in float16 where there is one, else on the CPU in float32.
    Raises UnsupportedModelError, also for a file that cannot be read.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.float16 if device == "cuda" else torch.float32
    if not checkpoint.exists():
        raise UnsupportedModelError(f"there is no checkpoint {checkpoint}")
    try:
        if checkpoint.is_dir():
            pipeline = _load_folder(checkpoint, dtype)
        else:
            pipeline = _load_file(checkpoint, config, dtype)
    except UnsupportedModelError:
        raise
    except Exception as error:  # whatever a broken file makes the loaders raise
        raise UnsupportedModelError(f"cannot load {checkpoint}: {error}") from error
    return pipeline.to(device)


def keep_quiet() -> None:
    """Let the libraries report errors alone, and no bars but the sampling's.

    For a program of our own: it changes settings of the whole process.
    """
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()


def random_pipeline(architecture: Architecture, parts: Configs, seed: int) -> Any:
    """Build a pipeline whose weights are random: it paints noise, and reads its texts doing so."""
    return assemble(architecture, parts, random_models(parts, seed))


def assemble(architecture: Architecture, parts: Configs, models: dict[str, torch.nn.Module]) -> Any:
    """Put models, CLIP's tokenizers and a scheduler into a pipeline."""
    import diffusers

    extras: dict[str, Any] = {}
    if architecture != "sdxl":
        extras = {"safety_checker": None, "feature_extractor": None}
        extras["requires_safety_checker"] = False
    return getattr(diffusers, PIPELINES[architecture])(
        **models,
        **tokenizers(architecture),
        scheduler=diffusers.DDIMScheduler.from_config(parts["scheduler"]),
        **extras,
    )


def tiny_pipeline(seed: int = 0) -> Any:
    """Build the stand-in for a checkpoint: SD1's architecture, small, with random weights."""
    return random_pipeline("sd1", configs("sd1", tiny=True), seed)


def image_pipeline(pipeline: Any) -> Any:
    """Build the pipeline that starts from a picture, on the same models."""
    import diffusers

    name = type(pipeline).__name__.replace("Pipeline", "Img2ImgPipeline")
    extras = {} if "XL" in name else {"requires_safety_checker": False}
    build = getattr(diffusers, name)
    started = build(**pipeline.components, **extras)
    started.set_progress_bar_config(**getattr(pipeline, "_progress_bar_config", {}))
    return started


def tokenizers(architecture: Architecture) -> dict[str, Any]:
    """CLIP's tokenizers as the pipeline calls them; OpenCLIP's pads with token 0, "!"."""
    from transformers import CLIPTokenizer

    clip = CLIPTokenizer.from_pretrained(CLIP_TOKENIZER)
    openclip = CLIPTokenizer.from_pretrained(CLIP_TOKENIZER, pad_token="!")
    return {
        "sd1": {"tokenizer": clip},
        "sd2": {"tokenizer": openclip},
        "sdxl": {"tokenizer": clip, "tokenizer_2": openclip},
    }[architecture]


def architecture_of(keys: Iterable[str]) -> Architecture:
    """Tell what a checkpoint is from the names of its weights.

    Raises UnsupportedModelError for anything but SD1, SD2 and SDXL with their text encoders.
    """
    keys = set(keys)
    if UNET_INPUT in keys:
        for architecture, prefixes in TEXT_PREFIXES.items():
            if all(any(key.startswith(prefix) for key in keys) for prefix in prefixes):
                return architecture
    raise UnsupportedModelError(
        "this is no checkpoint of SD1, SD2 or SDXL with its text encoders; Flux, SD3 and other "
        "models without the cross-attention of a UNet cannot follow a canvas"
    )


def _load_folder(folder: Path, dtype: torch.dtype) -> Any:
    from diffusers import DiffusionPipeline

    if not (folder / "model_index.json").exists():
        raise UnsupportedModelError(f"{folder} is no diffusers folder: it has no model_index.json")
    known = set(PIPELINES.values())
    kind = json.loads((folder / "model_index.json").read_text())["_class_name"]
    if kind not in known:
        raise UnsupportedModelError(f"{folder} holds a {kind}; {' and '.join(sorted(known))} do")
    return DiffusionPipeline.from_pretrained(folder, dtype=dtype, local_files_only=True)


def _load_file(file: Path, config: Path | None, dtype: torch.dtype) -> Any:
    import diffusers
    from diffusers.loaders.single_file_utils import load_single_file_checkpoint

    weights = load_single_file_checkpoint(str(file), local_files_only=True)
    architecture = architecture_of(weights)
    channels = weights[UNET_INPUT].shape[1]
    if channels != 4:
        raise UnsupportedModelError(
            f"{file.name} wants {channels} channels: it edits pictures (inpainting, "
            "instruct-pix2pix), where only models that make them from text can be used"
        )
    marked_v, marked_zero_snr = "v_pred" in weights, "ztsnr" in weights
    del weights
    extras = {} if architecture == "sdxl" else {"safety_checker": None}
    pipeline = getattr(diffusers, PIPELINES[architecture]).from_single_file(
        str(file),
        config=str(config or CONFIGS / architecture),
        dtype=dtype,
        local_files_only=True,
        **tokenizers(architecture),
        **extras,
    )
    if marked_v or (architecture == "sd2" and not predicts_noise(pipeline.unet)):
        pipeline.scheduler = diffusers.DDIMScheduler.from_config(
            pipeline.scheduler.config,
            prediction_type="v_prediction",
            rescale_betas_zero_snr=marked_zero_snr,
        )
    return pipeline


def predicts_noise(unet: Any) -> bool:
    """Tell a UNet that predicts noise from one that predicts velocity, by asking it.

    Shown noise alone at the last step, the first gives it back and the second gives a picture,
    which is not like it. SD2's files do not say which they are.
    """
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(1, 4, 64, 64, generator=generator).to(unet.device, unet.dtype)
    context = torch.zeros(1, 77, unet.config.cross_attention_dim).to(noise)
    with torch.no_grad():
        out = unet(noise, 999, encoder_hidden_states=context).sample
    likeness = torch.cosine_similarity(noise.float().flatten(), out.float().flatten(), dim=0)
    return bool(likeness > 0.5)
