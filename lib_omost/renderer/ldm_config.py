"""The description that A1111 wants beside a checkpoint of unusual width ("<checkpoint>.yaml")."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from lib_omost.renderer.architectures import Configs
from lib_omost.renderer.ldm_format import Architecture
from lib_omost.renderer.pipeline_loading import CLIP_TOKENIZER

OPENCLIP_MODELS = {(10, 256): "ViT-S-32-alt", (24, 1024): "ViT-H-14", (32, 1280): "ViT-bigG-14"}
"""Text encoders that A1111 can build for SD2 and SDXL, by their layers and width."""


def ldm_config(architecture: Architecture, parts: Configs, clip_folder: str) -> str:
    """Describe a checkpoint for A1111, as JSON, which any reader of YAML reads.

    clip_folder: where A1111 finds CLIP's config.json and tokenizer (SD1, SDXL).
    Raises KeyError when OpenCLIP knows no model like the text encoder of SD2 or SDXL.
    """
    model = _sdxl(parts, clip_folder) if architecture == "sdxl" else _sd(parts, clip_folder)
    return json.dumps({"model": model}, indent=2) + "\n"


def write_clip_folder(folder: Path, text_encoder: dict[str, Any]) -> None:
    """Write what A1111 needs to build a CLIP of unusual width: its configuration and tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(text_encoder, indent=2))
    for file in CLIP_TOKENIZER.glob("*.*"):
        shutil.copy(file, folder)


def _sd(parts: Configs, clip_folder: str) -> dict[str, Any]:
    return {
        "target": "ldm.models.diffusion.ddpm.LatentDiffusion",
        "params": {
            "linear_start": 0.00085,
            "linear_end": 0.012,
            "timesteps": 1000,
            "num_timesteps_cond": 1,
            "first_stage_key": "jpg",
            "cond_stage_key": "txt",
            "conditioning_key": "crossattn",
            "cond_stage_trainable": False,
            "image_size": 64,
            "channels": 4,
            "monitor": "val/loss_simple_ema",
            "use_ema": False,
            "scale_factor": parts["vae"]["scaling_factor"],
            "parameterization": _PARAMETERIZATIONS[parts["scheduler"]["prediction_type"]],
            "unet_config": {
                "target": "ldm.modules.diffusionmodules.openaimodel.UNetModel",
                "params": {**_unet(parts["unet"]), "image_size": 32, "transformer_depth": 1},
            },
            "first_stage_config": _vae("ldm.models.autoencoder.AutoencoderKL", parts["vae"]),
            "cond_stage_config": _sd_embedder(parts["text_encoder"], clip_folder),
        },
    }


_PARAMETERIZATIONS = {"epsilon": "eps", "v_prediction": "v"}


def _sd_embedder(text_encoder: dict[str, Any], clip_folder: str) -> dict[str, Any]:
    """Describe SD1's CLIP, or SD2's OpenCLIP, whose last layer is in the file but not in use."""
    encoders = "ldm.modules.encoders.modules"
    if text_encoder["hidden_act"] == "quick_gelu":
        return {"target": f"{encoders}.FrozenCLIPEmbedder", "params": {"version": clip_folder}}
    layers, width = text_encoder["num_hidden_layers"] + 1, text_encoder["hidden_size"]
    params = {"arch": OPENCLIP_MODELS[layers, width], "version": None, "layer": "penultimate"}
    return {"target": f"{encoders}.FrozenOpenCLIPEmbedder", "params": params}


def _sdxl(parts: Configs, clip_folder: str) -> dict[str, Any]:
    unet = parts["unet"]
    denoiser = "sgm.modules.diffusionmodules"
    return {
        "target": "sgm.models.diffusion.DiffusionEngine",
        "params": {
            "scale_factor": parts["vae"]["scaling_factor"],
            "disable_first_stage_autocast": True,
            "denoiser_config": {
                "target": f"{denoiser}.denoiser.DiscreteDenoiser",
                "params": {
                    "num_idx": 1000,
                    "weighting_config": {"target": f"{denoiser}.denoiser_weighting.EpsWeighting"},
                    "scaling_config": {"target": f"{denoiser}.denoiser_scaling.EpsScaling"},
                    "discretization_config": {
                        "target": f"{denoiser}.discretizer.LegacyDDPMDiscretization"
                    },
                },
            },
            "network_config": {
                "target": f"{denoiser}.openaimodel.UNetModel",
                "params": {
                    **_unet(unet),
                    "num_classes": "sequential",
                    "adm_in_channels": unet["projection_class_embeddings_input_dim"],
                    "transformer_depth": unet["transformer_layers_per_block"],
                    "spatial_transformer_attn_type": "softmax",
                },
            },
            "conditioner_config": {
                "target": "sgm.modules.GeneralConditioner",
                "params": {"emb_models": _sdxl_embedders(parts, clip_folder)},
            },
            "first_stage_config": _vae(
                "sgm.models.autoencoder.AutoencoderKLInferenceWrapper", parts["vae"]
            ),
        },
    }


def _sdxl_embedders(parts: Configs, clip_folder: str) -> list[dict[str, Any]]:
    encoders = "sgm.modules.encoders.modules"
    second = parts["text_encoder_2"]
    texts: list[dict[str, Any]] = [
        {
            "is_trainable": False,
            "input_key": "txt",
            "target": f"{encoders}.FrozenCLIPEmbedder",
            "params": {
                "version": clip_folder,
                "layer": "hidden",
                "layer_idx": parts["text_encoder"]["num_hidden_layers"] - 1,
            },
        },
        {
            "is_trainable": False,
            "input_key": "txt",
            "target": f"{encoders}.FrozenOpenCLIPEmbedder2",
            "params": {
                "arch": OPENCLIP_MODELS[second["num_hidden_layers"], second["hidden_size"]],
                "version": None,
                "freeze": True,
                "layer": "penultimate",
                "always_return_pooled": True,
                "legacy": False,
            },
        },
    ]
    sizes = [
        {
            "is_trainable": False,
            "input_key": key,
            "target": f"{encoders}.ConcatTimestepEmbedderND",
            "params": {"outdim": parts["unet"]["addition_time_embed_dim"]},
        }
        for key in ("original_size_as_tuple", "crop_coords_top_left", "target_size_as_tuple")
    ]
    return texts + sizes


def _unet(unet: dict[str, Any]) -> dict[str, Any]:
    """Describe the UNet; LDM counts where attention is by the downsampling.

    What diffusers calls attention_head_dim is the number of heads, of each level if it is a list;
    LDM then fixes the heads' size.
    """
    channels = unet["block_out_channels"]
    heads = unet["attention_head_dim"]
    return {
        **(
            {"num_head_channels": channels[0] // heads[0]}
            if isinstance(heads, list)
            else {"num_heads": heads}
        ),
        "use_linear_in_transformer": unet.get("use_linear_projection", False),
        "in_channels": unet["in_channels"],
        "out_channels": unet["out_channels"],
        "model_channels": channels[0],
        "channel_mult": [width // channels[0] for width in channels],
        "num_res_blocks": unet["layers_per_block"],
        "attention_resolutions": [
            2**level
            for level, block in enumerate(unet["down_block_types"])
            if block.startswith("CrossAttn")
        ],
        "context_dim": unet["cross_attention_dim"],
        "use_spatial_transformer": True,
        "use_checkpoint": False,
        "legacy": False,
    }


def _vae(target: str, vae: dict[str, Any]) -> dict[str, Any]:
    channels = vae["block_out_channels"]
    return {
        "target": target,
        "params": {
            "embed_dim": vae["latent_channels"],
            "monitor": "val/rec_loss",
            "ddconfig": {
                "double_z": True,
                "z_channels": vae["latent_channels"],
                "resolution": 256,
                "in_channels": vae["in_channels"],
                "out_ch": vae["out_channels"],
                "ch": channels[0],
                "ch_mult": [width // channels[0] for width in channels],
                "num_res_blocks": vae["layers_per_block"],
                "attn_resolutions": [],
                "dropout": 0.0,
            },
            "lossconfig": {"target": "torch.nn.Identity"},
        },
    }
