"""Loads diffusers pipelines from checkpoint files and diffusers folders, without a network."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import torch

from lib_omost.renderer.architectures import CONFIGS, TEXT_PREFIXES, Architecture, Configs

CLIP_TOKENIZER = Path(__file__).parents[1] / "models" / "clip_tokenizer"

PIPELINES = {
    "sd1": "StableDiffusionPipeline",
    "sd2": "StableDiffusionPipeline",
    "sdxl": "StableDiffusionXLPipeline",
}

UNET_INPUT = "model.diffusion_model.input_blocks.0.0.weight"
"""Name of the UNet's first kernel in a checkpoint file."""


class UnsupportedModelError(ValueError):
    """Explains in one sentence why a checkpoint or a LoRA cannot be used."""


def load_pipeline(checkpoint: Path, *, config: Path | None = None) -> Any:
    """Loads a text-to-image pipeline: in float16 on a GPU if there is one, else float32 on the CPU.

    Args:
        checkpoint: A .safetensors or .ckpt file of SD1, SD2 or SDXL, or a diffusers folder.
        config: A diffusers folder with the configurations of a checkpoint file of unusual width.

    Raises:
        UnsupportedModelError: The checkpoint is missing, unreadable or of another kind.
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
    except Exception as error:  # a broken file makes the loaders raise anything
        raise UnsupportedModelError(f"cannot load {checkpoint}: {error}") from error
    return pipeline.to(device)


def silence_libraries() -> None:
    """Makes transformers and diffusers print only errors and the progress of the sampling.

    This changes settings of the whole process: call it in a program, not in a library.
    """
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()


def assemble_pipeline(
    architecture: Architecture, configs: Configs, models: dict[str, torch.nn.Module]
) -> Any:
    """Builds a pipeline from its models.

    Args:
        architecture: SD1, SD2 or SDXL.
        configs: The configurations; only the scheduler's is used.
        models: The UNet, the VAE and the text encoders, by their names in the pipeline.
    """
    import diffusers

    extras: dict[str, Any] = {}
    if architecture != "sdxl":
        extras = {"safety_checker": None, "feature_extractor": None}
        extras["requires_safety_checker"] = False
    return getattr(diffusers, PIPELINES[architecture])(
        **models,
        **load_tokenizers(architecture),
        scheduler=diffusers.DDIMScheduler.from_config(configs["scheduler"]),
        **extras,
    )


def related_pipeline(pipeline: Any, kind: Literal["Img2Img", "Inpaint"]) -> Any:
    """Builds a pipeline that starts from pictures and shares a text-to-image pipeline's models."""
    import diffusers

    name = type(pipeline).__name__.replace("Pipeline", f"{kind}Pipeline")
    extras = {} if "XL" in name else {"requires_safety_checker": False}
    related = getattr(diffusers, name)(**pipeline.components, **extras)
    related.set_progress_bar_config(**getattr(pipeline, "_progress_bar_config", {}))
    return related


def load_tokenizers(architecture: Architecture) -> dict[str, Any]:
    """Loads CLIP's tokenizers, by their names in the pipeline.

    OpenCLIP has the same vocabulary as CLIP but pads with token 0 ("!").
    """
    from transformers import CLIPTokenizer

    clip = CLIPTokenizer.from_pretrained(CLIP_TOKENIZER)
    openclip = CLIPTokenizer.from_pretrained(CLIP_TOKENIZER, pad_token="!")
    return {
        "sd1": {"tokenizer": clip},
        "sd2": {"tokenizer": openclip},
        "sdxl": {"tokenizer": clip, "tokenizer_2": openclip},
    }[architecture]


def detect_architecture(names: Iterable[str]) -> Architecture:
    """Detects the architecture of a checkpoint from the names of its weights.

    Raises:
        UnsupportedModelError: The checkpoint is not SD1, SD2 or SDXL with its text encoders.
    """
    names = set(names)
    if UNET_INPUT in names:
        for architecture, prefixes in TEXT_PREFIXES.items():
            if all(any(name.startswith(prefix) for name in names) for prefix in prefixes):
                return architecture
    raise UnsupportedModelError(
        "this is no checkpoint of SD1, SD2 or SDXL with its text encoders; Flux, SD3 and other "
        "models without the cross-attention of a UNet cannot follow a canvas"
    )


def _load_folder(folder: Path, dtype: torch.dtype) -> Any:
    from diffusers import DiffusionPipeline

    if not (folder / "model_index.json").exists():
        raise UnsupportedModelError(f"{folder} is no diffusers folder: it has no model_index.json")
    supported = set(PIPELINES.values())
    pipeline_class = json.loads((folder / "model_index.json").read_text())["_class_name"]
    if pipeline_class not in supported:
        raise UnsupportedModelError(
            f"{folder} holds a {pipeline_class}; supported are {' and '.join(sorted(supported))}"
        )
    return DiffusionPipeline.from_pretrained(folder, dtype=dtype, local_files_only=True)


def _load_file(file: Path, config: Path | None, dtype: torch.dtype) -> Any:
    import diffusers
    from diffusers.loaders.single_file_utils import load_single_file_checkpoint

    weights = load_single_file_checkpoint(str(file), local_files_only=True)
    architecture = detect_architecture(weights)
    channels = weights[UNET_INPUT].shape[1]
    if channels != 4:
        raise UnsupportedModelError(
            f"{file.name} has a UNet with {channels} input channels: it is a model that edits "
            "pictures (inpainting, instruct-pix2pix); only text-to-image models can be used"
        )
    marked_v, marked_zero_snr = "v_pred" in weights, "ztsnr" in weights
    del weights
    extras = {} if architecture == "sdxl" else {"safety_checker": None}
    pipeline = getattr(diffusers, PIPELINES[architecture]).from_single_file(
        str(file),
        config=str(config or CONFIGS / architecture),
        dtype=dtype,
        local_files_only=True,
        **load_tokenizers(architecture),
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
    """Detects by one call whether a UNet predicts noise (epsilon) or velocity (v-prediction).

    An SD2 checkpoint does not contain its prediction type. On pure noise at the last timestep a
    UNet that predicts noise returns its input; one that predicts velocity returns a picture.
    """
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(1, 4, 64, 64, generator=generator).to(unet.device, unet.dtype)
    context = torch.zeros(1, 77, unet.config.cross_attention_dim).to(noise)
    with torch.no_grad():
        out = unet(noise, 999, encoder_hidden_states=context).sample
    likeness = torch.cosine_similarity(noise.float().flatten(), out.float().flatten(), dim=0)
    return bool(likeness > 0.5)
