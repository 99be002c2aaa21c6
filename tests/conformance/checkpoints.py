"""Seeded random checkpoints and what belongs to them, for a real host to load.

python -m tests.conformance.checkpoints FOLDER [--tiny] [--full] [--seed N]

--tiny: SD1, SD2 and SDXL of small width, each with the description that A1111 reads beside it, and
a LoRA for UNet and text encoder. --full: SD1.5 and SDXL in their real size (float16, 2 and 7 GB), a
LoRA for each and a ControlNet for SD1.5. SD1 also gets an embedding and a second checkpoint of the
same size, the tiny one an IP-Adapter. What is there already is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from lib_omost.renderer.architectures import Architecture, Configs, empty_models
from model_tools import ldm_format
from model_tools.a1111_config import a1111_config, write_clip_folder
from model_tools.random_models import model_configs, random_weight

Shapes = Mapping[str, torch.Size]
RANK = 4
TOKENS = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"
"""Weights of SD1 with a row for each of CLIP's tokens."""
VOCABULARY, CAT = 49408, 2368
"""How many tokens CLIP knows, and the number of the word cat."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not (options.tiny or options.full):
        parser.error("say --tiny, --full or both")
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.tiny:
        for architecture in ("sd1", "sd2", "sdxl"):
            make_tiny(options.folder, architecture, options.seed)
    if options.full:
        make_full(options.folder, options.seed)


def make_tiny(folder: Path, architecture: Architecture, seed: int) -> None:
    """Write tiny-<architecture>.safetensors, .yaml, a LoRA, and the CLIP folder they need."""
    parts = model_configs(architecture, tiny=True)
    name = f"tiny-{architecture}"
    clip = folder.absolute() / f"{name}-clip"
    write_clip_folder(clip, parts["text_encoder"])
    (folder / f"{name}.yaml").write_text(a1111_config(architecture, parts, str(clip)))
    make_checkpoint(folder / f"{name}.safetensors", architecture, parts, torch.float32, seed)
    make_lora(folder / f"{name}-lora.safetensors", architecture, parts, seed)
    if architecture == "sd1":
        make_beside(folder, name, parts, torch.float32, seed)
        make_ip_adapter(folder / f"{name}-ip-adapter.safetensors", parts, seed)


def make_full(folder: Path, seed: int) -> None:
    """Write full-<architecture>.safetensors with a LoRA each, and a ControlNet for SD1.5."""
    for architecture in ("sd1", "sdxl"):
        parts, name = model_configs(architecture), f"full-{architecture}"
        make_checkpoint(folder / f"{name}.safetensors", architecture, parts, torch.float16, seed)
        make_lora(folder / f"{name}-lora.safetensors", architecture, parts, seed)
    make_beside(folder, "full-sd1", model_configs("sd1"), torch.float16, seed)
    make_controlnet(folder / "full-sd1-controlnet.safetensors", model_configs("sd1"), seed)


def make_beside(folder: Path, name: str, parts: Configs, dtype: torch.dtype, seed: int) -> None:
    """Write what stands beside an SD1 checkpoint: an embedding, and another checkpoint."""
    make_embedding(folder / f"{name}-embedding.safetensors", parts, dtype, seed)
    make_checkpoint(folder / f"{name}-other.safetensors", "sd1", parts, dtype, seed + 1)


def make_checkpoint(
    path: Path, architecture: Architecture, parts: Configs, dtype: torch.dtype, seed: int
) -> None:
    """Write a checkpoint in LDM's format; any two with one seed have the same weights."""
    if architecture == "sd2":  # its file also holds the last layer, which is not in use
        layers = parts["text_encoder"]["num_hidden_layers"] + 1
        text_encoder = {**parts["text_encoder"], "num_hidden_layers": layers}
        parts = {**parts, "text_encoder": text_encoder}
    models = empty_models(parts)
    texts = [models[part] for part in ("text_encoder", "text_encoder_2") if part in models]
    weights = ldm_format.to_ldm(
        architecture,
        models["unet"].state_dict(),
        models["vae"].state_dict(),
        tuple(text.state_dict() for text in texts),
    )
    write(path, shapes(weights), lambda key, shape: random_weight(key, shape, seed), dtype)


def make_lora(path: Path, architecture: Architecture, parts: Configs, seed: int) -> None:
    """Write a LoRA for the cross-attention and the text encoders, strong enough to be seen.

    Names are those of kohya's trainer; on SDXL it names the UNet's modules as LDM does.
    """
    models = empty_models(parts)
    unet = models["unet"].state_dict()
    if architecture == "sdxl":
        unet = ldm_format.unet_to_ldm(unet)
    encoders = ("te1", "te2") if architecture == "sdxl" else ("te",)
    modules = {f"lora_unet_{key}": value for key, value in unet.items() if ".attn2.to_" in key}
    for name, part in zip(encoders, ("text_encoder", "text_encoder_2"), strict=False):
        for key, value in ldm_format.clip_to_ldm(models[part].state_dict()).items():
            if "self_attn" in key:
                modules[f"lora_{name}_{key}"] = value
    lora: dict[str, torch.Size] = {}
    for key, value in modules.items():
        if key.endswith(".weight"):
            module = key.removesuffix(".weight").replace(".", "_")
            lora[f"{module}.lora_down.weight"] = torch.Size([RANK, value.shape[1]])
            lora[f"{module}.lora_up.weight"] = torch.Size([value.shape[0], RANK])
            lora[f"{module}.alpha"] = torch.Size([])
    write(path, lora, lambda key, shape: lora_weight(key, shape, seed), torch.float32)


def make_embedding(path: Path, parts: Configs, dtype: torch.dtype, seed: int) -> None:
    """Write an embedding of one vector, which is the one that SD1 itself has for the word cat."""
    width = parts["text_encoder"]["hidden_size"]

    def draw(key: str, shape: torch.Size) -> torch.Tensor:
        return random_weight(TOKENS, (VOCABULARY, width), seed)[CAT : CAT + 1]

    write(path, {"emb_params": torch.Size([1, width])}, draw, dtype)


def make_ip_adapter(path: Path, parts: Configs, seed: int) -> None:
    """Write an IP-Adapter, which turns a picture's 1024 numbers into four more tokens."""
    unet = empty_models(parts)["unet"].state_dict()
    width = parts["unet"]["cross_attention_dim"]
    weights = {
        "image_proj.proj.weight": torch.Size([4 * width, 1024]),
        "image_proj.proj.bias": torch.Size([4 * width]),
        "image_proj.norm.weight": torch.Size([width]),
        "image_proj.norm.bias": torch.Size([width]),
    }
    # The files number the cross-attentions 1, 3, 5 ...: on the way down, up, and in the middle.
    keys = [key for key in unet if key.endswith("attn2.to_k.weight")]
    keys.sort(key=lambda key: ("down", "up", "mid").index(key.split("_")[0]))
    for number, key in enumerate(keys):
        for name in ("to_k_ip", "to_v_ip"):
            weights[f"ip_adapter.{2 * number + 1}.{name}.weight"] = unet[key].shape
    write(path, weights, lambda key, shape: random_weight(key, shape, seed), torch.float32)


def lora_weight(key: str, shape: torch.Size, seed: int) -> torch.Tensor:
    """Draw a part of a LoRA whose change is about as large as half the weights it changes."""
    if key.endswith(".alpha"):
        return torch.tensor(float(RANK))
    scale = 0.5 if key.endswith("lora_up.weight") else 1.0
    return random_weight(key, shape, seed) * scale


def make_controlnet(path: Path, parts: Configs, seed: int) -> None:
    """Write a ControlNet for the UNet; its last layers are not zero, so that it has an effect."""
    from diffusers import ControlNetModel, UNet2DConditionModel

    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(parts["unet"])
        controlnet = ControlNetModel.from_unet(unet, load_weights_from_unet=False)
    weights = ldm_format.controlnet_to_ldm(controlnet.state_dict())
    write(path, shapes(weights), lambda key, shape: random_weight(key, shape, seed), torch.float16)


def shapes(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {key: value.shape for key, value in weights.items()}


def write(
    path: Path,
    weights: Shapes,
    draw: Callable[[str, torch.Size], torch.Tensor],
    dtype: torch.dtype,
) -> None:
    """Write a safetensors file tensor by tensor: no more than one of them is in memory.

    The format: the header's length in 8 bytes, a JSON header, the numbers one after the other.
    """
    if path.exists():
        return
    header, end = {}, 0
    names = {torch.float16: "F16", torch.float32: "F32"}
    for key, shape in weights.items():
        begin, end = end, end + shape.numel() * dtype.itemsize
        header[key] = {
            "dtype": names[dtype],
            "shape": list(shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for key, shape in weights.items():
            file.write(draw(key, shape).to(dtype).contiguous().numpy().tobytes())
    os.replace(unfinished, path)
    print(path)


if __name__ == "__main__":
    main()
