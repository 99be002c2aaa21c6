"""Converts diffusers' weights to the checkpoint format of A1111 and Forge (LDM's names)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch

from lib_omost.renderer.architectures import TEXT_PREFIXES, Architecture

Weights = Mapping[str, torch.Tensor]

Names = dict[str, str]
"""Maps the names of modules in diffusers to their names in LDM."""


def to_ldm(
    architecture: Architecture, unet: Weights, vae: Weights, text_encoders: tuple[Weights, ...]
) -> dict[str, torch.Tensor]:
    """Converts a pipeline's weights of any width and depth to one LDM state dict.

    Args:
        architecture: SD1, SD2 or SDXL.
        unet: The UNet's state dict.
        vae: The VAE's state dict.
        text_encoders: The text encoders' state dicts: CLIP's (SD1), OpenCLIP's (SD2), or both in
            this order (SDXL).

    Returns:
        The checkpoint's state dict. It shares tensors with the input where their shape stays the
        same. Tensors on the meta device are converted too.
    """
    weights = {f"model.diffusion_model.{key}": value for key, value in unet_to_ldm(unet).items()}
    weights |= {f"first_stage_model.{key}": value for key, value in vae_to_ldm(vae).items()}
    for prefix, encoder in zip(TEXT_PREFIXES[architecture], text_encoders, strict=True):
        convert = clip_to_ldm if prefix.endswith("transformer.") else openclip_to_ldm
        weights |= {prefix + key: value for key, value in convert(encoder).items()}
    return weights


def unet_to_ldm(unet: Weights) -> dict[str, torch.Tensor]:
    """Renames the weights of a UNet or a ControlNet; the tensors are shared with the input."""
    names = _unet_names(unet)
    return {_rename(key, names): value for key, value in unet.items()}


def controlnet_to_ldm(controlnet: Weights) -> dict[str, torch.Tensor]:
    """Renames a ControlNet's weights to the names in a WebUI's ControlNet file."""
    return {f"control_model.{key}": value for key, value in unet_to_ldm(controlnet).items()}


def vae_to_ldm(vae: Weights) -> dict[str, torch.Tensor]:
    """Renames a VAE's weights and reshapes the middle attention's matrices to 1 x 1 kernels."""
    names = _vae_names(vae)
    weights = {_rename(key, names): value for key, value in vae.items()}
    return {
        key: value[..., None, None] if "mid.attn_1" in key and value.ndim == 2 else value
        for key, value in weights.items()
    }


def clip_to_ldm(encoder: Weights) -> dict[str, torch.Tensor]:
    """Renames the weights of a CLIP text encoder.

    New versions of transformers omit the prefix "text_model.", which LDM has.
    """
    return {f"text_model.{key}": value for key, value in _plain(encoder).items()}


def openclip_to_ldm(encoder: Weights) -> dict[str, torch.Tensor]:
    """Converts the weights of a text encoder to OpenCLIP's, which has q, k and v in one matrix.

    SD2 uses no pooled vector: its text encoder has no text projection, and neither has the result.
    """
    plain = _plain(encoder)
    weights: dict[str, torch.Tensor] = {}
    for key, value in plain.items():
        name = key
        for old, new in _OPENCLIP.items():
            name = name.replace(old, new)
        if key == "text_projection.weight":
            weights["text_projection"] = value.T.contiguous()
        elif ".q_proj." in key:
            rows = [plain[key.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
            weights[name.replace("q_proj.", "in_proj_")] = torch.cat(rows)
        elif ".k_proj." not in key and ".v_proj." not in key:
            weights[name] = value
    return weights


_OPENCLIP = {
    "embeddings.token_embedding": "token_embedding",
    "embeddings.position_embedding.weight": "positional_embedding",
    "encoder.layers": "transformer.resblocks",
    "self_attn": "attn",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "final_layer_norm": "ln_final",
}


def _plain(encoder: Weights) -> dict[str, torch.Tensor]:
    return {key.removeprefix("text_model."): value for key, value in encoder.items()}


def _rename(key: str, names: Names) -> str:
    """Replaces the longest module name at the beginning of a weight's name, if any matches."""
    parts = key.split(".")
    for count in range(len(parts), 0, -1):
        module = ".".join(parts[:count])
        if module in names:
            return names[module] + key.removeprefix(module)
    return key


def _unet_names(unet: Iterable[str]) -> Names:
    """Maps the names of a UNet's modules.

    LDM numbers the blocks through all levels. On the way down a level consists of its layers and
    a downsampler. On the way up it has one layer more, and the last layer also upsamples.
    """
    layers = _count(unet, "down_blocks.0.resnets")
    names = {
        "conv_in": "input_blocks.0.0",
        "time_embedding.linear_1": "time_embed.0",
        "time_embedding.linear_2": "time_embed.2",
        "add_embedding.linear_1": "label_emb.0.0",
        "add_embedding.linear_2": "label_emb.0.2",
        "mid_block.attentions.0": "middle_block.1",
        "conv_norm_out": "out.0",
        "conv_out": "out.2",
        **_layers("mid_block.resnets.0", "middle_block.0", _UNET_BLOCK),
        **_layers("mid_block.resnets.1", "middle_block.2", _UNET_BLOCK),
        **_controlnet_names(unet),
    }
    for level in range(_count(unet, "down_blocks")):
        old, first = f"down_blocks.{level}", level * (layers + 1) + 1
        names[f"{old}.downsamplers.0.conv"] = f"input_blocks.{first + layers}.0.op"
        for i in range(layers):
            new = f"input_blocks.{first + i}"
            names[f"{old}.attentions.{i}"] = f"{new}.1"
            names |= _layers(f"{old}.resnets.{i}", f"{new}.0", _UNET_BLOCK)
    for level in range(_count(unet, "up_blocks")):
        old, first = f"up_blocks.{level}", level * (layers + 1)
        place = 2 if _count(unet, f"{old}.attentions") else 1
        names[f"{old}.upsamplers.0.conv"] = f"output_blocks.{first + layers}.{place}.conv"
        for i in range(layers + 1):
            new = f"output_blocks.{first + i}"
            names[f"{old}.attentions.{i}"] = f"{new}.1"
            names |= _layers(f"{old}.resnets.{i}", f"{new}.0", _UNET_BLOCK)
    return names


def _controlnet_names(controlnet: Iterable[str]) -> Names:
    hints = _count(controlnet, "controlnet_cond_embedding.blocks")
    names = {
        "controlnet_cond_embedding.conv_in": "input_hint_block.0",
        "controlnet_cond_embedding.conv_out": f"input_hint_block.{2 * hints + 2}",
        "controlnet_mid_block": "middle_block_out.0",
    }
    for i in range(hints):
        names[f"controlnet_cond_embedding.blocks.{i}"] = f"input_hint_block.{2 * i + 2}"
    for i in range(_count(controlnet, "controlnet_down_blocks")):
        names[f"controlnet_down_blocks.{i}"] = f"zero_convs.{i}.0"
    return names


def _vae_names(vae: Iterable[str]) -> Names:
    """Maps the names of a VAE's modules; LDM numbers the decoder's levels from the finest."""
    names: Names = {}
    for half in ("encoder", "decoder"):
        attention = f"{half}.mid_block.attentions.0"
        names |= {f"{half}.conv_norm_out": f"{half}.norm_out"}
        names |= _layers(attention, f"{half}.mid.attn_1", _VAE_ATTENTION)
        for i in (0, 1):
            old, new = f"{half}.mid_block.resnets.{i}", f"{half}.mid.block_{i + 1}"
            names |= {old: new, **_layers(old, new, _VAE_BLOCK)}
    levels = _count(vae, "encoder.down_blocks")
    for level in range(levels):
        for old, new, sampler in (
            (f"encoder.down_blocks.{level}", f"encoder.down.{level}", "downsample"),
            (f"decoder.up_blocks.{level}", f"decoder.up.{levels - 1 - level}", "upsample"),
        ):
            names[f"{old}.{sampler}rs.0.conv"] = f"{new}.{sampler}.conv"
            for i in range(_count(vae, f"{old}.resnets")):
                block = f"{new}.block.{i}"
                names[f"{old}.resnets.{i}"] = block
                names |= _layers(f"{old}.resnets.{i}", block, _VAE_BLOCK)
    return names


_UNET_BLOCK = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_VAE_BLOCK = {"conv_shortcut": "nin_shortcut"}
_VAE_ATTENTION = {
    "group_norm": "norm",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
}


def _layers(old: str, new: str, layers: Names) -> Names:
    """Maps the names of the layers of one block."""
    return {f"{old}.{layer}": f"{new}.{ldm_layer}" for layer, ldm_layer in layers.items()}


def _count(keys: Iterable[str], modules: str) -> int:
    """Counts the modules of a numbered list, such as "down_blocks"."""
    depth = len(modules.split("."))
    return len({key.split(".")[depth] for key in keys if key.startswith(f"{modules}.")})
