from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file

from lib_omost.renderer.pipeline_loading import (
    UnsupportedModelError,
    detect_architecture,
    load_pipeline,
    predicts_noise,
)


def test_other_models_are_refused_with_a_reason(tmp_path):
    with pytest.raises(UnsupportedModelError, match="Flux"):
        detect_architecture(["double_blocks.0.img_attn.qkv.weight"])
    with pytest.raises(UnsupportedModelError, match="there is no checkpoint"):
        load_pipeline(tmp_path / "absent.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"not a checkpoint")
    with pytest.raises(UnsupportedModelError, match="cannot load"):
        load_pipeline(tmp_path / "broken.safetensors")
    with pytest.raises(UnsupportedModelError, match="no diffusers folder"):
        load_pipeline(tmp_path)
    (tmp_path / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    with pytest.raises(UnsupportedModelError, match="holds a FluxPipeline"):
        load_pipeline(tmp_path)


def test_models_that_edit_pictures_are_refused(tmp_path):
    weights = {
        "model.diffusion_model.input_blocks.0.0.weight": torch.zeros(1, 8, 1, 1),
        "cond_stage_model.transformer.text_model.final_layer_norm.bias": torch.zeros(1),
    }
    save_file(weights, tmp_path / "pix2pix.safetensors")
    with pytest.raises(UnsupportedModelError, match="8 input channels"):
        load_pipeline(tmp_path / "pix2pix.safetensors")


class StandInUNet:
    """A UNet that predicts noise, or velocity, perfectly."""

    device, dtype = "cpu", torch.float32
    config = SimpleNamespace(cross_attention_dim=8)

    def __init__(self, prediction: str) -> None:
        self.prediction = prediction

    def __call__(self, sample: torch.Tensor, timestep: int, encoder_hidden_states: torch.Tensor):
        picture = torch.full_like(sample, 0.3)
        return SimpleNamespace(sample=sample if self.prediction == "noise" else -picture)


def test_what_a_unet_predicts_is_found_out_by_asking_it():
    assert predicts_noise(StandInUNet("noise"))
    assert not predicts_noise(StandInUNet("velocity"))
