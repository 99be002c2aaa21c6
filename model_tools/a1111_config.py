"""Writes the model configuration that A1111 reads beside a checkpoint ("<checkpoint>.yaml").

A1111 needs it for a checkpoint whose widths or depths are not those of SD1, SD2 or SDXL.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from lib_omost.renderer.architectures import Architecture, Configs
from lib_omost.renderer.pipeline_loading import CLIP_TOKENIZER

OPENCLIP_MODELS = {(10, 256): "ViT-S-32-alt", (24, 1024): "ViT-H-14", (32, 1280): "ViT-bigG-14"}
"""OpenCLIP's name of each text encoder that A1111 can build, by its number of layers and width."""


def a1111_config(architecture: Architecture, configs: Configs, clip_folder: str) -> str:
    """Writes A1111's configuration of a checkpoint.

    Args:
        architecture: SD1, SD2 or SDXL.
        configs: The diffusers configurations of the components.
        clip_folder: Folder in which A1111 finds CLIP's config.json and tokenizer (SD1, SDXL).

    Returns:
        The configuration as JSON, which is also YAML.

    Raises:
        KeyError: OpenCLIP has no model of the size of SD2's or SDXL's text encoder.
    """
    model = _sdxl(configs, clip_folder) if architecture == "sdxl" else _sd(configs, clip_folder)
    return json.dumps({"model": model}, indent=2) + "\n"


def write_clip_folder(folder: Path, text_encoder: dict[str, Any]) -> None:
    """Writes the folder from which A1111 builds a CLIP text encoder of unusual width.

    Args:
        folder: The folder to write, with the configuration and the tokenizer.
        text_encoder: The configuration of the text encoder, as transformers has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(text_encoder, indent=2))
    for file in CLIP_TOKENIZER.glob("*.*"):
        shutil.copy(file, folder)


def _sd(configs: Configs, clip_folder: str) -> dict[str, Any]:
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
            "scale_factor": configs["vae"]["scaling_factor"],
            "parameterization": _PARAMETERIZATIONS[configs["scheduler"]["prediction_type"]],
            "unet_config": {
                "target": "ldm.modules.diffusionmodules.openaimodel.UNetModel",
                "params": {**_unet(configs["unet"]), "image_size": 32, "transformer_depth": 1},
            },
            "first_stage_config": _vae("ldm.models.autoencoder.AutoencoderKL", configs["vae"]),
            "cond_stage_config": _sd_embedder(configs["text_encoder"], clip_folder),
        },
    }


_PARAMETERIZATIONS = {"epsilon": "eps", "v_prediction": "v"}


def _sd_embedder(text_encoder: dict[str, Any], clip_folder: str) -> dict[str, Any]:
    """Builds the configuration of SD1's CLIP or of SD2's OpenCLIP.

    SD2's checkpoint contains one layer more than diffusers, because it uses the last but one.
    """
    encoders = "ldm.modules.encoders.modules"
    if text_encoder["hidden_act"] == "quick_gelu":
        return {"target": f"{encoders}.FrozenCLIPEmbedder", "params": {"version": clip_folder}}
    layers, width = text_encoder["num_hidden_layers"] + 1, text_encoder["hidden_size"]
    params = {"arch": OPENCLIP_MODELS[layers, width], "version": None, "layer": "penultimate"}
    return {"target": f"{encoders}.FrozenOpenCLIPEmbedder", "params": params}


def _sdxl(configs: Configs, clip_folder: str) -> dict[str, Any]:
    unet = configs["unet"]
    denoiser = "sgm.modules.diffusionmodules"
    return {
        "target": "sgm.models.diffusion.DiffusionEngine",
        "params": {
            "scale_factor": configs["vae"]["scaling_factor"],
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
                "params": {"emb_models": _sdxl_embedders(configs, clip_folder)},
            },
            "first_stage_config": _vae(
                "sgm.models.autoencoder.AutoencoderKLInferenceWrapper", configs["vae"]
            ),
        },
    }


def _sdxl_embedders(configs: Configs, clip_folder: str) -> list[dict[str, Any]]:
    encoders = "sgm.modules.encoders.modules"
    second = configs["text_encoder_2"]
    texts: list[dict[str, Any]] = [
        {
            "is_trainable": False,
            "input_key": "txt",
            "target": f"{encoders}.FrozenCLIPEmbedder",
            "params": {
                "version": clip_folder,
                "layer": "hidden",
                "layer_idx": configs["text_encoder"]["num_hidden_layers"] - 1,
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
            "params": {"outdim": configs["unet"]["addition_time_embed_dim"]},
        }
        for key in ("original_size_as_tuple", "crop_coords_top_left", "target_size_as_tuple")
    ]
    return texts + sizes


def _unet(unet: dict[str, Any]) -> dict[str, Any]:
    """Builds the configuration of the UNet.

    LDM lists the levels that have attention by their downsampling factor. The value that diffusers
    calls attention_head_dim is the number of heads. If it is a list with a number for each level,
    LDM has the size of a head in its place.
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
