"""Every failure is reported in one sentence."""

import sys
import time

import pytest

from lib_omost.llm import transformers_engine
from lib_omost.llm.engine import Done, Failed
from lib_omost.llm.failures import explain_failure
from lib_omost.llm.transformers_engine import TransformersEngine
from tests.llm import tiny
from tests.llm.asking import answer, scripted, stream, task, text_of


def test_an_error_in_the_thread_is_heard_at_once_and_what_was_written_stays(folder):
    engine = scripted(folder, "abc")

    class Breaks(tiny.Script):
        def __call__(self, input_ids, scores):
            if input_ids.shape[1] > 7:
                raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
            return super().__call__(input_ids, scores)

    engine._grammar_factory = lambda tokenizer, _: Breaks(tokenizer, "abcdefgh")
    started = time.monotonic()
    *events, end = stream(engine, task("hi"))
    assert text_of(events) == "abc"
    assert isinstance(end, Failed)
    assert "not enough memory" in end.message
    engine._grammar_factory = None
    assert answer(engine, task("hi"))
    assert time.monotonic() - started < 30


def test_even_an_exit_is_an_end(folder):
    engine = scripted(folder)
    engine._grammar_factory = lambda tokenizer, _: sys.exit("bye")
    assert "SystemExit: bye" in list(stream(engine, task("hi")))[-1].message


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_without_a_word_is_an_end(engine, monkeypatch):
    def die(*args):
        raise RuntimeError

    monkeypatch.setattr(transformers_engine, "explain_failure", die)
    monkeypatch.setattr(transformers_engine, "load_model", die)
    assert "without an answer" in list(stream(engine, task("hi")))[-1].message
    monkeypatch.undo()
    assert answer(engine, task("hi"))


@pytest.mark.parametrize(
    ("name", "said"),
    [("/no/such/model", "check the path"), ("gone.gguf", "check the path"), ("", "choose one")],
)
def test_a_model_that_is_not_there(name, said):
    *_, end = stream(TransformersEngine(name), task("hi"))
    assert isinstance(end, Failed)
    assert said in end.message
    assert TransformersEngine(name).count(task("hi").messages) is None


def test_a_composer_that_was_not_trained_yet(monkeypatch, tmp_path):
    from lib_omost.llm import model_catalog

    missing = model_catalog.CatalogEntry("composer", str(tmp_path))
    monkeypatch.setattr(transformers_engine, "find_model", lambda name: missing)
    *_, end = stream(TransformersEngine("composer"), task("hi"))
    assert "`python -m training composer` trains one" in end.message


def test_a_name_that_is_nowhere_on_this_machine(monkeypatch, tmp_path):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    engine = TransformersEngine("nobody/no-such-model-of-ours")
    *_, end = stream(engine, task("hi"))
    assert isinstance(end, Failed)
    assert "could not be reached: connect to the network" in end.message
    assert engine.count(task("hi").messages) is None


def test_a_hub_out_of_reach_is_told_at_once(monkeypatch):
    import huggingface_hub

    asked = []

    def fail(url):
        asked.append(url)
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", fail)
    *_, end = stream(TransformersEngine("nobody/no-such-model-of-ours"), task("hi"))
    assert "could not be reached: connect to the network" in end.message
    assert asked == ["https://huggingface.co/nobody/no-such-model-of-ours/resolve/main/config.json"]


def test_a_folder_that_holds_no_model(tmp_path):
    *_, end = stream(TransformersEngine(str(tmp_path)), task("hi"))
    assert f"The folder {tmp_path} contains no language model" in end.message


def test_a_quantised_checkpoint_without_its_package(tmp_path, monkeypatch):
    import json

    from transformers.quantizers import quantizer_bnb_4bit

    monkeypatch.setattr(quantizer_bnb_4bit, "is_bitsandbytes_available", lambda *_: False)
    tiny.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    (tmp_path / "config.json").write_text(json.dumps(config))
    *_, end = stream(TransformersEngine(str(tmp_path), device="cpu"), task("hi"))
    assert "`pip install -U bitsandbytes`" in end.message


def test_a_missing_requirement_of_a_package_is_named_and_not_the_package():
    try:
        try:
            import no_such_requirement  # noqa: F401
        except ImportError as missing:
            raise ImportError("Failed to import transformers.generation.utils") from missing
    except ImportError as error:
        message = explain_failure(error, "a model")
    assert message == "a model needs a package that is not installed: no_such_requirement"


def test_a_tokenizer_without_a_chat_template(tmp_path):
    tokenizer = tiny.new_tokenizer()
    tokenizer.chat_template = None
    tokenizer.save_pretrained(tmp_path)
    tiny.new_model(tokenizer).save_pretrained(tmp_path)
    *_, end = stream(TransformersEngine(str(tmp_path), device="cpu"), task("hi"))
    assert "has no chat template" in end.message


def test_the_end_token_of_the_chat_counts_where_the_checkpoint_names_another(tmp_path):
    tokenizer = tiny.new_tokenizer()
    tokenizer.eos_token = "<|system|>"
    tokenizer.save_pretrained(tmp_path)
    tiny.new_model(tokenizer).save_pretrained(tmp_path)

    def script(tokenizer, task):
        made = tiny.Script(tokenizer, "abc")
        made._tokens = iter(tokenizer("abc<|end|>def")["input_ids"])
        return made

    *events, end = stream(
        TransformersEngine(str(tmp_path), device="cpu", grammar_factory=script), task("hi")
    )
    assert (text_of(events), end) == ("abc", Done("finished", 3))
