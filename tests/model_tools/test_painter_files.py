from pathlib import Path
from typing import Any

import pytest
import torch

from lib_omost.canvas.model import Canvas
from lib_omost.renderer.demo_painter import expand_rows, load_painter
from lib_omost.renderer.pipeline_loading import load_pipeline
from lib_omost.renderer.renderer import Renderer, RenderJob
from model_tools.painter_files import COMPONENTS, save_painter, write_checkpoint
from model_tools.random_models import model_configs, random_models

TOKENS, UNKNOWN = (320, 736, 5000, 49406, 49407), 7000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("painter")
    parts = model_configs("sd1", tiny=True)
    save_painter(folder, parts, random_models(parts, seed=3), TOKENS, UNKNOWN)
    return folder


def test_expanded_rows_lie_at_their_tokens() -> None:
    rows = torch.tensor([[1.0], [2.0], [3.0]])
    assert expand_rows(rows, [0, 2, 5], 2, 6).flatten().tolist() == [1, 2, 2, 2, 2, 3]


def test_what_was_saved_comes_back_in_half_precision(folder: Path) -> None:
    parts = model_configs("sd1", tiny=True)
    models, loaded = random_models(parts, seed=3), load_painter(folder)
    for part in ("unet", "vae"):
        for name, value in models[part].named_parameters():
            assert torch.equal(getattr(loaded, part).get_parameter(name), value.half().float())
    name = next(n for n, _ in loaded.text_encoder.named_parameters() if "token_emb" in n)
    rows, whole = (m.get_parameter(name) for m in (loaded.text_encoder, models["text_encoder"]))
    assert torch.equal(rows[list(TOKENS)], whole[list(TOKENS)].half().float())
    assert torch.equal(rows[0], whole[UNKNOWN].half().float())


def test_only_the_named_rows_are_stored(folder: Path) -> None:
    from safetensors.torch import load_file

    stored = load_file(folder / "weights.safetensors")
    name = next(name for name in stored if name.endswith("token_embedding.weight"))
    assert len(stored[name]) == len(TOKENS) + 1
    assert all(value.dtype == torch.float16 for value in stored.values())


def weights(loaded: Any) -> dict[str, torch.Tensor]:
    parts = {part: getattr(loaded, part).state_dict() for part in COMPONENTS}
    return {f"{part}.{name}": x for part, state in parts.items() for name, x in state.items()}


def test_it_comes_back_from_a_diffusers_folder_and_from_a_webuis_checkpoint(
    folder: Path, tmp_path: Path
) -> None:
    painter = load_painter(folder)
    painter.save_pretrained(tmp_path / "folder")
    write_checkpoint(painter, tmp_path / "painter.safetensors")
    assert (tmp_path / "painter-clip" / "config.json").exists()
    file = load_pipeline(tmp_path / "painter.safetensors", config=tmp_path / "folder")
    for again in (load_pipeline(tmp_path / "folder"), file):
        expected, found = weights(painter), weights(again)
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_it_renders_a_canvas(folder: Path) -> None:
    painter = load_painter(folder)
    painter.set_progress_bar_config(disable=True)
    job = RenderJob((Canvas(description="toys"),), size=(64, 64), steps=1)
    assert Renderer(painter).render(job).pictures[0].size == (64, 64)
