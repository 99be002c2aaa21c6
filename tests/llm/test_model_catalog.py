import errno
import re
from pathlib import Path

import pytest

from lib_omost.llm import model_catalog, model_loading
from lib_omost.llm.failures import UnusableError, explain_failure
from lib_omost.llm.model_catalog import LISTED_MODELS, default_temperature, find_model


def test_every_listed_model_is_found_by_its_name_and_no_two_share_one():
    assert [find_model(model.name) for model in LISTED_MODELS] == list(LISTED_MODELS)
    assert len({model.name for model in LISTED_MODELS}) == len(LISTED_MODELS)


@pytest.mark.parametrize(
    "name",
    [
        "omost-llama-3-8b-4bits",
        "omost-dolphin-2.9-llama3-8b-4bits",
        "omost-phi-3-mini-128k-8bits",
        "omost-llama-3-8b",
        "omost-dolphin-2.9-llama3-8b",
        "omost-phi-3-mini-128k",
    ],
)
def test_the_omost_models_are_trained_on_canvases_and_use_8k_whatever_they_claim(name):
    model = find_model(name)
    assert model == find_model(f"lllyasviel/{name}")
    assert (model.trained_on_canvases, model.context) == (True, 8192)


def test_unfiltered_models_are_marked():
    assert all("without filtering" in m.note for m in LISTED_MODELS if "dolphin" in m.name)


def test_the_composer_is_the_folder_that_ships():
    assert Path(find_model("composer").source) == model_catalog.COMPOSER_FOLDER
    assert find_model("composer").trained_on_canvases


def test_general_models_are_shown_how_to_write_a_canvas():
    for name in ("qwen2.5-coder-1.5b", "granite-4.0-micro", "qwen2.5-coder-7b"):
        model = find_model(name)
        assert (model.trained_on_canvases, model.is_gguf) == (False, True)
        assert model.license == "Apache-2.0"


def test_a_retired_model_stands_for_its_successor():
    assert find_model("smollm2") == find_model("qwen2.5-coder-1.5b")


def test_every_download_is_pinned_and_names_its_size_and_licence():
    for model in LISTED_MODELS:
        if model.download is None:
            continue
        assert model.license, model.name
        assert model.memory * 1e9 > 0.5 * model.download.size > 0, model.name
        # The one revision that could not be found out when the list was made.
        unpinned = model.name == "lllyasviel/omost-llama-3-8b-4bits"
        assert unpinned or re.fullmatch("[0-9a-f]{40}", model.download.revision), model.name
        for file in model.download.files:
            assert re.fullmatch("([0-9a-f]{64})?", file.sha256), file.name


def test_the_requirements_are_for_people():
    assert find_model("composer").requirements == "0.3 GB of memory, nothing to download"
    assert find_model("qwen2.5-coder-1.5b").requirements == "2 GB of memory, 1.1 GB to download"


def test_a_downloaded_file_given_by_path_is_known_by_its_name(tmp_path):
    file = tmp_path / "lllyasviel_omost-llama-3-8b.Q4_K_M.gguf"
    file.touch()
    model = find_model(str(file))
    assert model.source == str(file)
    assert (model.is_gguf, model.trained_on_canvases, model.context) == (True, True, 8192)
    assert model.download is None


def test_a_link_of_the_hub_s_cache_is_a_gguf_file(tmp_path):
    (tmp_path / "blob").touch()
    link = tmp_path / "model.gguf"
    link.symlink_to(tmp_path / "blob")
    assert find_model(str(link)).is_gguf


def test_any_name_of_the_hub_is_one():
    model = find_model(" someone/Some-Model_1.5 ")
    assert model.source == "someone/Some-Model_1.5"
    assert (model.trained_on_canvases, model.context, model.is_gguf) == (False, None, False)


def test_a_folder_is_known_by_its_name(tmp_path):
    folder = tmp_path / "omost-llama-3-8b-4bits"
    other = tmp_path / "omost-settings"
    folder.mkdir()
    other.mkdir()
    assert find_model(str(folder)).source == str(folder)
    assert find_model(str(folder)).trained_on_canvases
    assert not find_model(str(other)).trained_on_canvases


def test_a_gguf_file(tmp_path):
    file = tmp_path / "Omost-Llama-3-8B-Q4_K_M.GGUF"
    file.touch()
    model = find_model(str(file))
    assert (model.source, model.is_gguf, model.trained_on_canvases) == (str(file), True, True)


@pytest.mark.parametrize("name", ["./nowhere", "/no/such", "C:\\models\\x", "gone.gguf", "a/b/c"])
def test_a_path_to_nothing_is_no_name_of_the_hub(name):
    with pytest.raises(UnusableError, match="check the path"):
        find_model(name)


def test_no_name_is_not_the_current_folder():
    with pytest.raises(UnusableError, match="No language model is chosen"):
        find_model(" ")


def test_a_file_of_another_kind_is_refused(tmp_path):
    file = tmp_path / "model.ckpt"
    file.touch()
    with pytest.raises(UnusableError, match="neither a folder nor a GGUF file"):
        find_model(str(file))


class GatedRepoError(OSError):
    """Called as huggingface_hub's."""


class RepositoryNotFoundError(OSError):
    """Called as huggingface_hub's."""


class EntryNotFoundError(OSError):
    """Called as huggingface_hub's."""


class LocalEntryNotFoundError(EntryNotFoundError):
    """Called as huggingface_hub's."""


class OutOfMemoryError(RuntimeError):
    """Called as torch's."""


NOT_LISTED = "x is not a local folder and is not a valid model identifier listed on 'https://hf.co'"
BITSANDBYTES = "Using `bitsandbytes` 4-bit quantization requires the latest version of bitsandbytes"
DISPATCHED = "Some modules are dispatched on the CPU or the disk. Make sure you have enough GPU RAM"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (GatedRepoError("403"), "is gated: accept its licence"),
        (OSError("You are trying to access a gated repo."), "is gated: accept its licence"),
        (RepositoryNotFoundError("401"), "No model is called a/b: check the spelling"),
        (OSError(NOT_LISTED), "No model is called a/b: check the spelling"),
        (LocalEntryNotFoundError("x"), "could not be reached: connect to the network"),
        (EntryNotFoundError("404"), "cannot be loaded by its name, because files are missing"),
        (OSError("We couldn't connect to 'https://x'"), "could not be reached: connect to the"),
        (ConnectionError("refused"), "could not be reached: connect to the network"),
        (OutOfMemoryError("CUDA"), "not enough memory for a/b: close other programs"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "not enough memory for a/b"),
        (MemoryError(), "not enough memory for a/b"),
        (ValueError(DISPATCHED), "not enough memory for a/b"),
        (OSError(errno.ENOSPC, "x"), "The disk is full"),
        (RuntimeError("SafetensorError: No space left on device (28)"), "The disk is full"),
        (ImportError(BITSANDBYTES), "`pip install -U bitsandbytes`"),
        (ImportError("requires Accelerate: `pip install accelerate`"), "`pip install -U accelera"),
        (ImportError("no frobnicate"), "a package that is not installed: no frobnicate"),
        (
            RuntimeError("No GPU found. A GPU is needed for quantization."),
            "for CUDA graphics cards",
        ),
        (ValueError("Transformers does not recognize this architecture"), "a newer transformers"),
        (KeyError("first\nsecond"), "failed with KeyError: 'first"),
    ],
)
def test_each_failure_is_one_sentence(error, said):
    sentence = explain_failure(error, "a/b")
    assert said in sentence
    assert "\n" not in sentence


def test_the_cause_of_an_error_decides():
    error = OSError("could not load")
    error.__cause__ = GatedRepoError("403")
    assert "is gated" in explain_failure(error, "a/b")


def test_own_messages_stay_unchanged():
    assert explain_failure(UnusableError("Do this."), "a/b") == "Do this."


@pytest.mark.parametrize(
    ("name", "temperature"),
    [
        (" composer ", 0.0),
        ("omost-phi-3-mini-128k", 0.6),
        ("/models/omost-llama-3-8b", 0.6),
        ("localhost:11434", 0.6),
        ("qwen2.5-coder-1.5b", 0.3),
        ("/models/omost-llama-3-8b/other", 0.3),
    ],
)
def test_default_temperatures(name, temperature):
    assert default_temperature(name) == temperature


@pytest.mark.parametrize(("version", "fits"), [("4.30.2", False), ("4.45.0", True), ("5.0", True)])
def test_a_transformers_that_is_too_old_is_said_before_it_fails(monkeypatch, version, fits):
    import transformers

    monkeypatch.setattr(transformers, "__version__", version)
    if fits:
        model_loading.check_transformers()
    else:
        with pytest.raises(UnusableError, match=r"4\.30 of this program is too old"):
            model_loading.check_transformers()


def test_no_transformers_at_all(monkeypatch):
    monkeypatch.setattr(model_loading, "find_spec", lambda name: None)
    with pytest.raises(UnusableError, match="pip install -U transformers"):
        model_loading.check_transformers()


def test_an_error_may_be_its_own_context():
    error = UnusableError("x")
    error.__context__ = error
    assert explain_failure(error, "a/b") == "x"
