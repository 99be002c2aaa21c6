"""The description that A1111 wants beside a checkpoint of unusual width ("<checkpoint>.yaml")."""

from __future__ import annotations

import json
from typing import Any, Literal

from lib_omost.hosts.embedded.architectures import Configs

OPENCLIP_MODELS = {(10, 256): "ViT-S-32-alt", (32, 1280): "ViT-bigG-14"}
"""Text encoders that A1111 can build for SDXL, by their layers and width."""


def ldm_config(architecture: Literal["sd1", "sdxl"], parts: Configs, clip_folder: str) -> str:
    """Describe a checkpoint for A1111, as JSON, which any reader of YAML reads.

    clip_folder: where A1111 finds the first text encoder's config.json and tokenizer.
    Raises KeyError on SDXL when OpenCLIP knows no model like the second text encoder.
    """
    describe = _sd1 if architecture == "sd1" else _sdxl
    return json.dumps({"model": describe(parts, clip_folder)}, indent=2) + "\n"


def _sd1(parts: Configs, clip_folder: str) -> dict[str, Any]:
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
            "unet_config": {
                "target": "ldm.modules.diffusionmodules.openaimodel.UNetModel",
                "params": {
                    **_unet(parts["unet"]),
                    "image_size": 32,
                    "num_heads": parts["unet"]["attention_head_dim"],
                    "transformer_depth": 1,
                },
            },
            "first_stage_config": _vae("ldm.models.autoencoder.AutoencoderKL", parts["vae"]),
            "cond_stage_config": {
                "target": "ldm.modules.encoders.modules.FrozenCLIPEmbedder",
                "params": {"version": clip_folder},
            },
        },
    }


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
                    "num_head_channels": unet["block_out_channels"][0]
                    // unet["attention_head_dim"][0],
                    "transformer_depth": unet["transformer_layers_per_block"],
                    "use_linear_in_transformer": True,
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
    """Say what both architectures say of their UNet; LDM counts attention by the downsampling."""
    channels = unet["block_out_channels"]
    return {
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
