import pytest
import torch

from lib_omost.renderer.text_encoding import PipelineChunk, apply_emphasis, text_encoders
from lib_omost.text.sub_prompt import SubPrompt

CAT = SubPrompt("a photo of a cat.")
BEGIN, END = 49406, 49407


def test_tokens_are_counted_without_begin_and_end(sd1):
    assert sd1.host.count_tokens(CAT) == 6
    assert sd1.host.count_tokens(SubPrompt("")) == 0


def test_brackets_are_text_in_plain_and_weights_in_webui_syntax(sd1):
    encoder = text_encoders(sd1.pipeline)[0]
    text = "a (red:1.3) cat"
    weighted = encoder.tokenize(SubPrompt(text, "webui"))
    assert [weight for _, weight in weighted] == [1.0, 1.3, 1.0]
    assert [token for token, _ in weighted] == [
        t for t, _ in encoder.tokenize(SubPrompt("a red cat"))
    ]
    assert len(encoder.tokenize(SubPrompt(text))) > 3
    assert {weight for _, weight in encoder.tokenize(SubPrompt(text))} == {1.0}


def test_a_bag_equals_the_pipelines_own_encoding(sd1):
    own, _ = sd1.pipeline.encode_prompt("a photo of a cat.", "cpu", 1, False)
    bag = (SubPrompt("a photo"), SubPrompt("of a cat."))
    assert torch.equal(sd1.host.encode_bags([bag]).context, own)


def test_sdxl_equals_the_pipelines_own_encoding_with_its_pooled_vector(sdxl):
    context, _, pooled, _ = sdxl.pipeline.encode_prompt("a photo of a cat.", device="cpu")
    encoded = sdxl.host.encode_bags([(CAT,)])
    assert torch.equal(encoded.context, context)
    assert torch.equal(encoded.pooled, pooled)


def test_each_encoder_pads_in_its_own_way(sdxl):
    first, second = (encoder.build_chunk((CAT,)).tokens for encoder in text_encoders(sdxl.pipeline))
    assert first[0] == second[0] == BEGIN
    assert first[7:] == (END,) * 70
    assert second[7:] == (END, *(0,) * 69)


def test_a_bag_that_is_too_long_is_refused_not_cut(sd1):
    with pytest.raises(ValueError, match="76 tokens"):
        sd1.host.encode_bags([(SubPrompt("cat " * 76),)])


def test_emphasis_restores_the_mean():
    context = torch.rand(3, 4) + 1
    out = apply_emphasis(context, PipelineChunk((0, 1, 2), (1.0, 2.0, 1.0)))
    assert torch.isclose(out.mean(), context.mean())
    ratio = out / context
    assert torch.allclose(ratio[1], 2 * ratio[0])


def test_emphasis_in_one_bag_leaves_the_others_alone(sd1):
    weighted = (SubPrompt("a (red:1.3) cat.", "webui"),)
    both = sd1.host.encode_bags([weighted, (CAT,)]).context
    assert torch.allclose(both[1], sd1.host.encode_bags([(CAT,)]).context[0], atol=1e-6)
    unweighted = sd1.host.encode_bags([(SubPrompt("a red cat."),)]).context[0]
    assert not torch.allclose(both[0], unweighted, atol=1e-3)
