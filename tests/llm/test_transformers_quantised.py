"""Quantised checkpoints, loaded as in the product on the CPU; needs bitsandbytes."""

import pytest

from lib_omost.llm.conversation_cache import is_exact
from lib_omost.llm.engine import Done
from lib_omost.llm.transformers_engine import TransformersEngine
from tests.llm import tiny
from tests.llm.asking import answer, stream, task

pytest.importorskip("bitsandbytes")


def save_quantised(folder, model, **bits):
    """Quantises a model like the Omost checkpoints and saves it."""
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    model.save_pretrained(folder / "plain")
    config = BitsAndBytesConfig(**bits)
    small = AutoModelForCausalLM.from_pretrained(
        folder / "plain", quantization_config=config, device_map={"": "cpu"}
    )
    small.save_pretrained(folder / "small")
    tiny.new_tokenizer().save_pretrained(folder / "small")
    return str(folder / "small")


def linear_layers(engine):
    return {type(module).__name__ for module in engine._loaded.network.modules()}


def test_a_llama_in_4_bits(tmp_path):
    model = tiny.new_model(tiny.new_tokenizer(), hidden_size=64, intermediate_size=64)
    engine = TransformersEngine(save_quantised(tmp_path, model, load_in_4bit=True), device="cpu")
    assert answer(engine, task("hi", seed=1)) == answer(engine, task("hi", seed=1))
    assert "Linear4bit" in linear_layers(engine)


def test_a_phi_3_in_8_bits(tmp_path):
    from transformers import Phi3Config, Phi3ForCausalLM

    tokenizer = tiny.new_tokenizer()
    sizes = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    special = {"bos_token_id": None, "eos_token_id": 259, "pad_token_id": 259}
    model = Phi3ForCausalLM(Phi3Config(vocab_size=len(tokenizer), **sizes, **heads, **special))
    engine = TransformersEngine(save_quantised(tmp_path, model, load_in_8bit=True), device="cpu")
    *_, end = stream(engine, task("hi", max_new_tokens=5))
    assert end == Done("length", 5)
    assert not is_exact(engine._loaded.network)
    assert "Linear8bitLt" in linear_layers(engine)
