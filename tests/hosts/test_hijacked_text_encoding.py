"""The text encoders of Forge Classic and reForge, which are A1111's; see A1111's own tests."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

import pytest

from lib_omost.text.sub_prompt import SubPrompt
from tests.hosts.forge_stand_in import WrappedTextEncoder, running


@pytest.fixture(params=["Forge Classic", "reForge"])
def forge(monkeypatch, request):
    with running(monkeypatch, request.param) as forge:
        yield forge


@pytest.fixture
def host(forge):
    from lib_omost.hosts.forge import ForgeHost

    return ForgeHost()


def test_a_bag_becomes_a_chunk_with_weights_and_embeddings(forge, host):
    encoder = forge.shared.sd_model.cond_stage_model
    forge.shared.opts.emphasis = "No norm"
    encoded = host.encode_bags([(SubPrompt("q"), SubPrompt("a(b)z", "webui"))])
    [call] = encoder.calls
    assert call.tokens[0][:7] == [1, ord("q"), ord("a"), ord("b"), 0, 0, 2]
    ((fix,),) = call.fixes
    assert (fix.offset, fix.embedding.name) == (3, "zorb")
    assert encoded.context[0, 3, 0] == 2 * ord("b")
    assert encoded.pooled is None
    assert host.count_tokens(SubPrompt("a(b)z", "webui")) == 4


def test_sdxl_concatenates_both_contexts_and_pools_the_second(forge, host):
    """Forge Classic's encoder does not tell that it pools; its output does."""
    small, large = WrappedTextEncoder(), WrappedTextEncoder(10.0, return_pooled=True)
    sizes = SimpleNamespace(forward=print)
    forge.load(conditioner=SimpleNamespace(embedders=[small, large, sizes]))
    encoded = host.encode_bags([(SubPrompt("ab"),), (SubPrompt("cd"),)])
    a = float(ord("a"))
    assert encoded.context[0, 1].tolist() == [a, a, a, 10 * a, 10 * a, 10 * a]
    assert encoded.pooled.tolist() == [[10 * a] * 2, [10 * ord("c")] * 2]


def test_the_text_encoder_is_loaded_before_encoding(forge, host):
    host.encode_bags([(SubPrompt("a"),)])
    assert forge.loaded == [forge.shared.sd_model.forge_objects.clip.patcher]


def test_the_encoding_key_changes_with_every_setting_that_matters(forge, host):
    clip = forge.shared.sd_model.forge_objects.clip
    embedding, other_embedding = Embedding(), Embedding()
    keys = {host.encoding_key(), host.encoding_key()}
    clip.patcher = clip.patcher.clone()  # the host clones it to add LoRAs
    keys.add(host.encoding_key())
    clip.patcher.patches_uuid = UUID(int=1)  # reForge
    keys.add(host.encoding_key())
    clip.patcher.patches_uuid = UUID(int=2)
    keys.add(host.encoding_key())
    for loaded in (embedding, other_embedding):
        forge.embeddings.word_embeddings = {"zorb": loaded}
        keys.add(host.encoding_key())
    forge.shared.opts.CLIP_stop_at_last_layers = 2
    keys.add(host.encoding_key())
    forge.load()
    keys.add(host.encoding_key())
    assert len(keys) == 8


class Embedding:
    """A textual-inversion embedding."""


def test_a_model_is_supported_by_its_features(forge, host):
    assert host.unsupported_reason() is None
    forge.load(cond_stage_model=SimpleNamespace(tokenize=print))
    assert "has no cross-attention" in host.unsupported_reason()
    forge.load(unet=SimpleNamespace(double_blocks=[]))
    assert "has no cross-attention" in host.unsupported_reason()
