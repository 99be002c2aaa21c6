import pytest
import torch

from training.painter.architecture import new_part, painter_configs
from training.painter.autoencoder import crops
from training.painter.denoiser import loss_weights
from training.painter.linear import LATENT


@pytest.mark.parametrize("color", [(-1.0, -1.0, -1.0), (1.0, 1.0, 1.0), (1.0, -1.0, 0.5)])
@pytest.mark.parametrize("side", [32, 64])
def test_a_new_autoencoder_is_right_about_plain_pictures(
    color: tuple[float, float, float], side: int
) -> None:
    vae = new_part("vae", seed=0)
    x = torch.tensor(color)[None, :, None, None].expand(1, 3, side, side)
    with torch.inference_mode():
        latent = vae.encode(x).latent_dist.mean
        y = vae.decode(latent).sample
    assert latent[0, :3, 2, 2].tolist() == pytest.approx([LATENT * c for c in color], abs=0.1)
    assert (y - x).abs().max() < 0.1


def test_a_new_autoencoder_keeps_the_mean_of_each_square_of_8_pixels() -> None:
    vae = new_part("vae", seed=0)
    x = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    x[..., :32] = -1
    with torch.inference_mode():
        y = vae.decode(vae.encode(x).latent_dist.mean).sample
    means = torch.nn.functional.avg_pool2d(x, 8).repeat_interleave(8, 2).repeat_interleave(8, 3)
    assert (y - means).abs().max() < 0.15


def test_the_parts_are_those_of_sd1_by_kind() -> None:
    parts = painter_configs()
    assert parts["unet"]["_class_name"] == "UNet2DConditionModel"
    assert parts["vae"]["_class_name"] == "AutoencoderKL"
    assert parts["unet"]["cross_attention_dim"] == parts["text_encoder"]["hidden_size"]


def test_crops_are_parts_of_their_pictures() -> None:
    x = torch.arange(2 * 3 * 8 * 8).view(2, 3, 8, 8)
    for picture, crop in zip(x, crops(x, 4, torch.Generator().manual_seed(1)), strict=True):
        row, column = divmod(int(crop[0, 0, 0] - picture[0, 0, 0]), 8)
        assert torch.equal(crop, picture[:, row : row + 4, column : column + 4])


def test_the_loss_weighs_the_noisy_most_and_the_nearly_clean_least() -> None:
    alphas_cumprod = torch.tensor([0.9, 0.7, 0.2, 0.001])  # SNR 9, 2.3, 0.25, 0.001
    assert loss_weights(alphas_cumprod).tolist() == pytest.approx([5 / 9, 1, 2, 3])
