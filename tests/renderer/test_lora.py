from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_omost.canvas.model import Box, Canvas, Region
from lib_omost.hosts.canvas_encoding import EncodingCache, encode_canvas
from lib_omost.renderer.pipeline_loading import UnsupportedModelError
from lib_omost.renderer.renderer import Renderer, RenderJob
from model_tools.random_models import model_configs
from tests.conformance.checkpoints import make_lora
from tests.renderer.conftest import build

CANVAS = Canvas(
    description="a table", regions=(Region(place=Box(0, 90, 0, 40), description="a red ball"),)
)


def render(renderer: Renderer) -> torch.Tensor:
    job = RenderJob((CANVAS,), size=(64, 64), steps=1, cfg=1)
    return renderer.render(job, latents=True).pictures


def encode(renderer: Renderer) -> torch.Tensor:
    return encode_canvas(CANVAS, renderer.host, cache=EncodingCache()).conditions.context


def half_of_a_lora(folder: Path, architecture: str, half: str) -> str:
    """Writes a LoRA for the UNet only ("lora_unet") or for the text encoders only ("lora_te")."""
    make_lora(
        folder / "all.safetensors", architecture, model_configs(architecture, tiny=True), seed=1
    )
    weights = load_file(folder / "all.safetensors")
    kept = {key: value for key, value in weights.items() if key.startswith(half)}
    save_file(kept, folder / "half.safetensors")
    return str(folder / "half.safetensors")


@pytest.mark.parametrize("architecture", ["sd1", "sdxl"])
@pytest.mark.parametrize("half", ["lora_unet", "lora_te"])
def test_a_lora_changes_the_regions(architecture, half, tmp_path):
    renderer = Renderer(build(architecture))
    picture, context, key = render(renderer), encode(renderer), renderer.host.encoding_key()
    renderer.host.add_lora(half_of_a_lora(tmp_path, architecture, half), 1.0)
    assert renderer.host.encoding_key() != key
    assert not torch.allclose(render(renderer), picture, atol=1e-3)
    assert torch.equal(encode(renderer), context) == (half == "lora_unet")


def test_weight_zero_is_no_lora(own_sd1, tmp_path):
    before = render(own_sd1)
    own_sd1.host.add_lora(half_of_a_lora(tmp_path, "sd1", "lora_"), 0.0)
    assert torch.allclose(render(own_sd1), before, atol=1e-5)


def test_what_is_no_lora_is_refused(own_sd1, tmp_path):
    (tmp_path / "broken.safetensors").write_bytes(b"not a LoRA")
    with pytest.raises(UnsupportedModelError, match="cannot load the LoRA"):
        own_sd1.host.add_lora(str(tmp_path / "broken.safetensors"), 1.0)
