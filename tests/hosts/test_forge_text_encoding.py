from types import SimpleNamespace
from uuid import UUID

import pytest
import torch

from lib_omost.text.prompt_syntax import PromptSyntaxError
from lib_omost.text.sub_prompt import SubPrompt
from tests.hosts.forge_stand_in import (
    ClassicTextProcessingEngine,
    ClipEngine,
    running,
)


@pytest.fixture
def forge(monkeypatch):
    with running(monkeypatch) as forge:
        yield forge


@pytest.fixture
def host(forge):
    from lib_omost.hosts.forge import ForgeHost

    return ForgeHost()


def plain(text):
    return SubPrompt(text)


def webui(text):
    return SubPrompt(text, "webui")


def letters(forge, host, *bag):
    """Returns the engine's tokens of a bag as letters without special tokens; _ is an embedding."""
    engine = forge.shared.sd_model.text_processing_engine
    host.encode_bags([bag])
    tokens = engine.calls[-1].tokens[0]
    assert len(tokens) == 77
    assert tokens[0] == engine.id_start
    end = tokens.index(engine.id_end)
    assert set(tokens[end:]) == {engine.id_end}
    return "".join(chr(token) if token else "_" for token in tokens[1:end])


def test_sub_prompts_are_tokenised_separately(forge, host):
    assert letters(forge, host, plain("ab."), plain("c.")) == "abc"
    assert letters(forge, host) == ""


def test_plain_text_has_no_emphasis_and_no_embeddings(forge, host):
    assert letters(forge, host, plain("a(b)z")) == "abz"
    weighted = host.encode_bags([(plain("a(b)z"),)]).context
    assert torch.equal(weighted, host.encode_bags([(plain("abz"),)]).context)


def test_webui_syntax_has_emphasis_and_embeddings(forge, host):
    engine = forge.shared.sd_model.text_processing_engine
    assert letters(forge, host, plain("q"), webui("a(b)z")) == "qab__"
    ((fix,),) = engine.calls[-1].fixes
    assert (fix.offset, fix.embedding.name) == (3, "zorb")
    forge.shared.opts.emphasis = "No norm"
    context = host.encode_bags([(webui("a(b)c"),)]).context[0, :, 0]
    assert context[1:4].tolist() == [ord("a"), 2 * ord("b"), ord("c")]


def test_bags_with_emphasis_are_encoded_alone_if_the_mean_is_restored(forge, host):
    engine = forge.shared.sd_model.text_processing_engine
    bags = [(plain("a"),), (webui("(b)"),), (plain("c"),), (webui("(d)e"),)]
    together = host.encode_bags(bags).context
    assert sorted(len(call.tokens) for call in engine.calls) == [1, 1, 2]
    assert torch.equal(together, torch.cat([host.encode_bags([bag]).context for bag in bags]))


def test_many_bags_are_encoded_in_batches(forge, host):
    engine = forge.shared.sd_model.text_processing_engine
    host.encode_bags([(plain("a"),)] * 40)
    assert [len(call.tokens) for call in engine.calls] == [16, 16, 8]


def test_sdxl_concatenates_both_contexts_and_pools_the_second(forge, host):
    forge.load(
        text_processing_engine_l=ClassicTextProcessingEngine(1.0),
        text_processing_engine_g=ClassicTextProcessingEngine(10.0, return_pooled=True),
    )
    encoded = host.encode_bags([(plain("ab"),), (plain("cd"),)])
    a = float(ord("a"))
    assert encoded.context.shape == (2, 77, 6)
    assert encoded.context[0, 1].tolist() == [a, a, a, 10 * a, 10 * a, 10 * a]
    assert encoded.pooled.tolist() == [[10 * a] * 2, [10 * ord("c")] * 2]


def test_the_text_encoder_is_loaded_before_encoding(forge, host):
    host.encode_bags([(plain("a"),)])
    assert forge.loaded == [forge.shared.sd_model.forge_objects.clip.patcher]


def test_counting_agrees_with_encoding(forge, host):
    for sub_prompt in (plain("a(b)z"), webui("a(b)z"), plain(""), webui("(zz)")):
        assert host.count_tokens(sub_prompt) == len(letters(forge, host, sub_prompt))


def test_unsupported_prompt_syntax_is_refused(host):
    with pytest.raises(PromptSyntaxError):
        host.count_tokens(webui("a BREAK b"))
    assert host.count_tokens(plain("a BREAK b")) == 7


def test_a_bag_with_too_many_tokens_is_refused(host):
    with pytest.raises(ValueError, match="76 tokens; the limit is 75"):
        host.encode_bags([(plain("a" * 76),)])


def test_the_encoding_key_changes_with_every_setting_that_matters(forge, host):
    keys = {host.encoding_key(), host.encoding_key()}
    forge.shared.opts.emphasis = "No norm"
    keys.add(host.encoding_key())
    forge.shared.opts.CLIP_stop_at_last_layers = 2
    keys.add(host.encoding_key())
    forge.shared.sd_model.forge_objects.clip.patcher.lora_patches = {("lora", 1.0): {}}
    keys.add(host.encoding_key())
    forge.load()
    keys.add(host.encoding_key())
    assert len(keys) == 5


def test_the_encoding_key_changes_with_forge_neo_s_loras(forge, host):
    """Forge Neo's patcher has an id that changes with the LoRAs instead of a list."""
    clip = forge.shared.sd_model.forge_objects.clip
    clip.patcher = SimpleNamespace(patches_uuid=UUID(int=1))
    keys = {host.encoding_key(), host.encoding_key()}
    clip.patcher = SimpleNamespace(patches_uuid=UUID(int=2))
    keys.add(host.encoding_key())
    assert len(keys) == 2


def test_an_engine_is_recognised_by_its_attributes(forge, host):
    """An engine of another class works; one without a required attribute is ignored."""
    bags = [(webui("a(b)c"),)]
    expected = host.encode_bags(bags).context
    forge.load(text_processing_engine=ClipEngine())
    assert host.unsupported_reason() is None
    assert torch.equal(host.encode_bags(bags).context, expected)
    forge.shared.opts.emphasis = "No norm"
    assert not torch.equal(host.encode_bags(bags).context, expected)
    forge.load(text_processing_engine=SimpleNamespace(tokenize=print))
    assert "has no cross-attention" in host.unsupported_reason()


class TestUnsupported:
    def test_sd1_and_inpainting_models_are_supported(self, forge, host):
        assert host.unsupported_reason() is None
        forge.load(forge.unet(channels=9))
        assert host.unsupported_reason() is None

    def test_another_architecture_is_unsupported(self, forge, host):
        forge.load(torch.nn.Identity())
        assert "has no cross-attention that regions could steer" in host.unsupported_reason()

    def test_instruct_pix2pix_is_unsupported(self, forge, host):
        forge.load(forge.unet(channels=8))
        assert "instruct-pix2pix" in host.unsupported_reason()

    def test_a_missing_model_is_unsupported(self, forge, host):
        forge.shared.sd_model = object()
        assert host.unsupported_reason() == "No checkpoint is loaded."
