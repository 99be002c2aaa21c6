"""The input of A1111's text encoders; the conformance run compares the output with the host."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from lib_omost.text.prompt_syntax import PromptSyntaxError
from lib_omost.text.sub_prompt import SubPrompt
from tests.hosts.a1111_stand_in import Encoder, Webui, checkpoint, tiny_unet


@pytest.fixture
def webui() -> Iterator[Webui]:
    webui = Webui(checkpoint("first", tiny_unet(), cond_stage_model=Encoder()))
    with webui.running():
        yield webui


@pytest.fixture
def host(webui: Webui) -> Any:
    from lib_omost.hosts.a1111 import A1111Host

    return A1111Host()


@pytest.fixture
def encoder(webui: Webui) -> Any:
    return webui.shared.sd_model.cond_stage_model


def plain(text: str) -> tuple[SubPrompt]:
    return (SubPrompt(text),)


def webui_syntax(text: str) -> tuple[SubPrompt]:
    return (SubPrompt(text, "webui"),)


def test_a_bag_becomes_a_chunk_of_77_tokens(host: Any, encoder: Any) -> None:
    host.encode_bags([(SubPrompt("red fox"), SubPrompt("snow")), ()])
    red, fox, snow = (encoder.id_of(word) for word in ("red", "fox", "snow"))
    tokens, multipliers, _ = encoder.calls[0]
    assert tokens == [[0, red, fox, snow, *[1] * 73], [0, *[1] * 76]]
    assert multipliers == [[1.0] * 77] * 2


def test_plain_text_has_no_emphasis(host: Any, encoder: Any) -> None:
    host.encode_bags([plain("(fox:1.3)")])
    tokens, multipliers, _ = encoder.calls[0]
    assert tokens[0][1] == encoder.id_of("(fox:1.3)")
    assert multipliers == [[1.0] * 77]


def test_webui_syntax_keeps_its_weights(host: Any, encoder: Any) -> None:
    host.encode_bags([webui_syntax("a (fox:1.3) b")])
    assert encoder.calls[0][1][0][:5] == [1.0, 1.0, 1.3, 1.0, 1.0]


def test_brackets_are_text_when_emphasis_is_off(webui: Webui, host: Any, encoder: Any) -> None:
    webui.shared.opts.emphasis = "None"
    host.encode_bags([webui_syntax("a (fox:1.3)")])
    assert encoder.calls[0][0][0][2] == encoder.id_of("(fox:1.3)")


@pytest.mark.parametrize(("emphasis", "calls"), [("Original", [1, 2]), ("No norm", [3])])
def test_bags_with_emphasis_are_encoded_alone_if_the_mean_is_restored(
    webui: Webui, host: Any, encoder: Any, emphasis: str, calls: list[int]
) -> None:
    webui.shared.opts.emphasis = emphasis
    encoded = host.encode_bags([plain("a"), webui_syntax("(b:1.2)"), plain("c")])
    assert [len(tokens) for tokens, _, _ in encoder.calls] == calls
    assert encoded.context[:, 1, 0].tolist() == [encoder.id_of(word) for word in "abc"]


def test_embeddings_replace_their_names_in_webui_syntax(host: Any, encoder: Any) -> None:
    style = SimpleNamespace(vectors=2)
    encoder.embeddings[encoder.id_of("style")] = style
    assert host.count_tokens(*webui_syntax("a style")) == 3
    assert host.count_tokens(*plain("a style")) == 2
    host.encode_bags([(*plain("b"), *webui_syntax("a style"))])
    tokens, _, fixes = encoder.calls[0]
    assert fixes == [[(2, style)]]
    assert tokens[0][3:6] == [0, 0, 1]


def test_the_contexts_of_both_sdxl_encoders_are_concatenated(webui: Webui, host: Any) -> None:
    small, large = Encoder(width=2), Encoder(width=3, return_pooled=True)
    moved = []
    conditioner = nn.Module()
    conditioner.embedders = nn.ModuleList([small, large, nn.Identity()])
    conditioner.register_forward_pre_hook(lambda module, args: moved.append(module))
    webui.shared.sd_model.conditioner = conditioner
    encoded = host.encode_bags([plain("a"), plain("b c")])
    assert encoded.context.shape == (2, 77, 5)
    assert encoded.pooled.shape == (2, 3)
    assert len(small.calls) == len(large.calls) == 1
    assert moved == [conditioner]


def test_many_bags_are_encoded_in_batches_and_in_order(host: Any, encoder: Any) -> None:
    words = [f"w{i}" for i in range(40)]
    encoded = host.encode_bags([plain(word) for word in words])
    assert [len(tokens) for tokens, _, _ in encoder.calls] == [16, 16, 8]
    assert encoded.context[:, 1, 0].tolist() == [encoder.id_of(word) for word in words]


def test_a_bag_with_too_many_tokens_is_refused(host: Any) -> None:
    assert host.count_tokens(*plain("x " * 76)) == 76
    with pytest.raises(ValueError, match="76 tokens; the limit is 75"):
        host.encode_bags([plain("x " * 76)])


def test_unsupported_prompt_syntax_is_refused(host: Any) -> None:
    with pytest.raises(PromptSyntaxError, match="AND"):
        host.count_tokens(*webui_syntax("a AND b"))


def test_the_encoding_key_changes_with_every_setting_that_matters(
    webui: Webui, host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    keys = [host.encoding_key()]
    assert host.encoding_key() == keys[0]
    lora = SimpleNamespace(name="lora", mtime=1.0, te_multiplier=1.0, dyn_dim=None)
    monkeypatch.setitem(sys.modules, "networks", SimpleNamespace(loaded_networks=[lora]))
    keys.append(host.encoding_key())
    lora.te_multiplier = 0.5
    keys.append(host.encoding_key())
    webui.shared.opts.CLIP_stop_at_last_layers = 2
    keys.append(host.encoding_key())
    webui.shared.opts.emphasis = "No norm"
    keys.append(host.encoding_key())
    webui.shared.sd_model.cond_stage_model = Encoder()
    keys.append(host.encoding_key())
    assert len(set(keys)) == len(keys)


def test_a_usable_model_is_supported(host: Any) -> None:
    assert host.unsupported_reason() is None


def test_the_reason_names_an_unsupported_model(webui: Webui, host: Any) -> None:
    model = webui.shared.sd_model
    webui.option = SimpleNamespace(label="[TRT] first")
    assert "[TRT] first" in host.unsupported_reason()
    model.cond_stage_key = "edit"
    assert "instruct-pix2pix" in host.unsupported_reason()
    model.model = SimpleNamespace(diffusion_model=nn.Linear(1, 1))
    assert "no cross-attention" in host.unsupported_reason()
    webui.shared.sd_model = None
    assert host.unsupported_reason() == "No checkpoint is loaded."


def test_contexts_are_floats(host: Any) -> None:
    assert host.encode_bags([plain("a")]).context.dtype == torch.float32
