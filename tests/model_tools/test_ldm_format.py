import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from ldm.modules.diffusionmodules.openaimodel import UNetModel
from safetensors.torch import save_file

from lib_omost.renderer.architectures import CONFIGS, Configs, empty_models
from lib_omost.renderer.pipeline_loading import detect_architecture, load_pipeline
from model_tools.a1111_config import a1111_config
from model_tools.ldm_format import openclip_to_ldm, to_ldm, unet_to_ldm
from model_tools.random_models import model_configs, random_models, random_pipeline


def write_configs(folder: Path, architecture: str, parts: Configs) -> Path:
    """Writes the configuration folder with which a file of unusual width is loaded."""
    index = (CONFIGS / architecture / "model_index.json").read_text()
    (folder / "model_index.json").write_text(index)
    for part, config in parts.items():
        name = "scheduler_config.json" if part == "scheduler" else "config.json"
        (folder / part).mkdir()
        (folder / part / name).write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("architecture", ["sd1", "sd2", "sdxl"])
def test_a_single_file_comes_back_as_it_was(architecture, tmp_path):
    parts = model_configs(architecture, tiny=True)
    written = random_pipeline(architecture, parts, seed=3)
    names = [name for name in ("text_encoder", "text_encoder_2") if name in parts]
    weights = to_ldm(
        architecture,
        written.unet.state_dict(),
        written.vae.state_dict(),
        tuple(getattr(written, name).state_dict() for name in names),
    )
    file = tmp_path / "tiny.safetensors"
    save_file({key: value.contiguous() for key, value in weights.items()}, file)
    read = load_pipeline(file, config=write_configs(tmp_path, architecture, parts))
    for name in ("unet", "vae", *names):
        before = getattr(written, name).state_dict()
        after = getattr(read, name).state_dict()
        assert before.keys() == after.keys()
        assert all(torch.equal(before[key], after[key].cpu().float()) for key in before)


@pytest.fixture
def omegaconf(monkeypatch):
    """Stands in for omegaconf, of which LDM's UNet only needs the list class."""
    module = ModuleType("omegaconf.listconfig")
    module.ListConfig = list
    monkeypatch.setitem(sys.modules, "omegaconf", ModuleType("omegaconf"))
    monkeypatch.setitem(sys.modules, "omegaconf.listconfig", module)


@pytest.mark.parametrize("architecture", ["sd1", "sd2"])
@pytest.mark.usefixtures("omegaconf")
def test_the_webuis_own_unet_predicts_the_same(architecture):
    parts = {"unet": model_configs(architecture, tiny=True)["unet"]}
    unet = random_models(parts, seed=2)["unet"]
    config = json.loads(a1111_config(architecture, model_configs(architecture, tiny=True), "clip"))
    twin = UNetModel(**config["model"]["params"]["unet_config"]["params"]).eval()
    twin.load_state_dict(unet_to_ldm(unet.state_dict()), strict=True)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1, 4, 8, 8, generator=generator)
    context = torch.randn(1, 77, parts["unet"]["cross_attention_dim"], generator=generator)
    with torch.no_grad():
        ours = unet(x, 500, encoder_hidden_states=context).sample
        theirs = twin(x, torch.tensor([500]), context=context)
    assert torch.allclose(ours, theirs, atol=1e-4)


def test_full_size_names_and_shapes_are_those_of_published_checkpoints():
    """Some weights of SD1.5 and SDXL, among them those that LDM numbers differently."""
    known = {
        "sd1": {
            "model.diffusion_model.input_blocks.3.0.op.weight": (320, 320, 3, 3),
            "model.diffusion_model.input_blocks.4.0.skip_connection.weight": (640, 320, 1, 1),
            "model.diffusion_model.output_blocks.2.1.conv.weight": (1280, 1280, 3, 3),
            "model.diffusion_model.output_blocks.5.2.conv.weight": (1280, 1280, 3, 3),
            "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.attn2.to_k.weight": (
                320,
                768,
            ),
            "model.diffusion_model.middle_block.1.proj_in.weight": (1280, 1280, 1, 1),
            "first_stage_model.decoder.up.3.block.0.conv1.weight": (512, 512, 3, 3),
            "first_stage_model.decoder.up.0.block.0.nin_shortcut.weight": (128, 256, 1, 1),
            "first_stage_model.encoder.mid.attn_1.q.weight": (512, 512, 1, 1),
            "cond_stage_model.transformer.text_model.final_layer_norm.bias": (768,),
        },
        "sdxl": {
            "model.diffusion_model.label_emb.0.0.weight": (1280, 2816),
            "model.diffusion_model.input_blocks.4.1.proj_in.weight": (640, 640),
            "model.diffusion_model.output_blocks.5.2.conv.weight": (640, 640, 3, 3),
            "model.diffusion_model.middle_block.1.transformer_blocks.9.attn2.to_v.weight": (
                1280,
                2048,
            ),
            "conditioner.embedders.1.model.text_projection": (1280, 1280),
            "conditioner.embedders.1.model.transformer.resblocks.31.attn.in_proj_weight": (
                3840,
                1280,
            ),
            "conditioner.embedders.1.model.positional_embedding": (77, 1280),
        },
    }
    for architecture, shapes in known.items():
        models = empty_models(model_configs(architecture))
        texts = tuple(
            models[name].state_dict()
            for name in ("text_encoder", "text_encoder_2")
            if name in models
        )
        weights = to_ldm(
            architecture, models["unet"].state_dict(), models["vae"].state_dict(), texts
        )
        assert detect_architecture(weights) == architecture
        for key, shape in shapes.items():
            assert tuple(weights[key].shape) == shape, key


def test_openclip_keeps_q_k_and_v_in_one_matrix():
    q, k, v = (torch.full((2, 2), float(i)) for i in range(3))
    at = "encoder.layers.0.self_attn"
    encoder = {f"{at}.k_proj.weight": k, f"{at}.v_proj.weight": v, f"{at}.q_proj.weight": q}
    expected = {
        "transformer.resblocks.0.attn.in_proj_weight": [
            [0, 0],
            [0, 0],
            [1, 1],
            [1, 1],
            [2, 2],
            [2, 2],
        ]
    }
    for prefix in ("", "text_model."):
        prefixed = {prefix + key: value for key, value in encoder.items()}
        converted = openclip_to_ldm(prefixed)
        assert {key: value.tolist() for key, value in converted.items()} == expected
