"""Lists the language models that users can choose by name, with memory, licence and purpose."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from lib_omost.llm import model_sources
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_files import resolve_path
from lib_omost.llm.model_sources import ModelSource
from lib_omost.llm.server.address import is_address

COMPOSER_FOLDER = Path(__file__).parents[1] / "models" / "composer"
"""The folder of the demonstration composer."""

OMOST_CONTEXT = 8192
"""Context window of the Omost models in tokens; beyond it their answers degrade."""

OMOST_NAME = re.compile(r"omost-(llama-3|dolphin|phi-3)", re.IGNORECASE)
"""Matches the names of models that were trained with Omost's system prompt."""

HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)


@dataclass(frozen=True)
class CatalogEntry:
    """A language model, its source, and its requirements.

    Attributes:
        name: The name in settings and on the command line.
        source: A name of the Hugging Face hub, a folder or a GGUF file.
        note: A short description for lists.
        trained_on_canvases: Whether the model writes canvas code without an example.
        context: Context window in tokens, None to read it from the model's configuration.
        cpu_only: Whether the model runs on the CPU because it is too small to need a graphics card.
        memory: Memory for the weights and the context, in GB; 0 if unknown.
        license: The name of the licence, "" if unknown.
        title: The label on the page in place of the name.
        download: Where a listed model is downloaded from; None for the others.
    """

    name: str
    source: str
    note: str = ""
    trained_on_canvases: bool = False
    context: int | None = None
    cpu_only: bool = False
    memory: float = 0
    license: str = ""
    title: str = ""
    download: ModelSource | None = None

    @property
    def is_gguf(self) -> bool:
        """Tells whether the model is a GGUF file."""
        if self.download is not None:
            return self.download.is_gguf
        return self.source.lower().endswith(".gguf")

    @property
    def requirements(self) -> str:
        """Memory and download size, for people."""
        download = "nothing to download"
        if self.download is not None:
            download = f"{gigabytes(self.download.size)} to download"
        return f"{self.memory:g} GB of memory, {download}"


def gigabytes(size: int) -> str:
    """Formats a number of bytes in GB, such as "1.1 GB".

    Args:
        size: Bytes.
    """
    return f"{size / 1e9:.1f} GB"


def _hub_model(
    name: str, download: ModelSource, memory: float, license_name: str, note: str
) -> CatalogEntry:
    is_omost = OMOST_NAME.search(name) is not None
    return CatalogEntry(
        name,
        download.repository,
        note,
        trained_on_canvases=is_omost,
        # Every listed model handles more, which would cost memory; a chat rarely needs it.
        context=OMOST_CONTEXT,
        memory=memory,
        license=license_name,
        download=download,
    )


DEFAULT_MODEL = "qwen2.5-coder-1.5b"
"""The model of a page on which none was chosen."""

DEMO_TITLE = "demo (shapes only)"
"""The label of "composer" on the page."""

RETIRED = {"smollm2": DEFAULT_MODEL}
"""Models that are no longer listed, and the model that saved settings get instead."""

NO_MODEL = (
    "No language model is chosen: choose one at the top of the panel Compose. Jobs without a model "
    "use the one under Settings > Omost."
)

_LLAMA_LICENSE = "Meta Llama 3 Community License"

_UNFILTERED = "trained without filtering: it may write what other models refuse"

LISTED_MODELS = (
    CatalogEntry(
        "composer",
        str(COMPOSER_FOLDER),
        "part of this extension; knows a few drawn shapes only",
        trained_on_canvases=True,
        context=4096,
        cpu_only=True,
        memory=0.3,
        license="Apache-2.0",
        title=DEMO_TITLE,
    ),
    _hub_model(
        DEFAULT_MODEL,
        model_sources.QWEN_CODER_1_5B,
        2,
        "Apache-2.0",
        "small general model, also for machines without a graphics card",
    ),
    _hub_model(
        "granite-4.0-micro", model_sources.GRANITE_MICRO, 3, "Apache-2.0", "general model of 3B"
    ),
    _hub_model(
        "qwen2.5-coder-7b", model_sources.QWEN_CODER_7B, 6, "Apache-2.0", "general model of 7B"
    ),
    _hub_model(
        "omost-phi-3-mini-128k-gguf",
        model_sources.OMOST_PHI_GGUF,
        6,
        "MIT",
        "for llama.cpp; composes worse than in 8 bits",
    ),
    _hub_model(
        "omost-llama-3-8b-gguf",
        model_sources.OMOST_LLAMA_GGUF,
        6.5,
        _LLAMA_LICENSE,
        "the best answers; for llama.cpp",
    ),
    _hub_model(
        "omost-dolphin-2.9-llama3-8b-gguf",
        model_sources.OMOST_DOLPHIN_GGUF,
        6,
        _LLAMA_LICENSE,
        f"{_UNFILTERED}; for llama.cpp",
    ),
    _hub_model(
        "lllyasviel/omost-phi-3-mini-128k-8bits",
        model_sources.OMOST_PHI_8BITS,
        4,
        "MIT",
        "smaller; needs bitsandbytes",
    ),
    _hub_model(
        "lllyasviel/omost-llama-3-8b-4bits",
        model_sources.OMOST_LLAMA_4BITS,
        6,
        _LLAMA_LICENSE,
        "the best answers; needs bitsandbytes",
    ),
    _hub_model(
        "lllyasviel/omost-dolphin-2.9-llama3-8b-4bits",
        model_sources.OMOST_DOLPHIN_4BITS,
        6,
        _LLAMA_LICENSE,
        f"{_UNFILTERED}; needs bitsandbytes",
    ),
    _hub_model(
        "lllyasviel/omost-phi-3-mini-128k", model_sources.OMOST_PHI, 8, "MIT", "unquantised"
    ),
    _hub_model(
        "lllyasviel/omost-llama-3-8b",
        model_sources.OMOST_LLAMA,
        16,
        _LLAMA_LICENSE,
        "unquantised",
    ),
    _hub_model(
        "lllyasviel/omost-dolphin-2.9-llama3-8b",
        model_sources.OMOST_DOLPHIN,
        16,
        _LLAMA_LICENSE,
        f"{_UNFILTERED}; unquantised",
    ),
)
"""The models offered by name; GGUF first, in ascending order of their requirements."""


def find_model(name: str) -> CatalogEntry:
    """Returns the catalog entry for a name, a folder, a GGUF file or a name of the hub.

    A listed name may omit "lllyasviel/". Folders and files whose name matches an Omost model count
    as trained on canvases. A retired name stands for its successor.

    Args:
        name: The name as a user writes it.

    Raises:
        UnusableError: The name is empty, or it is the path of a missing or unsuitable file.
    """
    name = name.strip()
    name = RETIRED.get(name, name)
    for model in LISTED_MODELS:
        if name in (model.name, model.name.split("/")[-1], model.title or model.name):
            return model
    if not name:
        raise UnusableError(NO_MODEL)
    path, kind = resolve_path(name)
    is_file = kind == stat.S_IFREG
    if kind == stat.S_IFDIR or (is_file and path.suffix.lower() == ".gguf"):
        # Not resolved: a link in the hub's cache has the file's name, its target only a checksum.
        return _unlisted(name, str(path.absolute()), path.name)
    if is_file:
        raise UnusableError(f"{name} is neither a folder nor a GGUF file: give the path of one.")
    if not HUB_NAME.fullmatch(name) or name.lower().endswith(".gguf"):
        raise UnusableError(f"No folder or file is at {name!r}: check the path.")
    return _unlisted(name, name, name)


def default_temperature(name: str) -> float:
    """Returns the sampling temperature for a model if the user sets none.

    The composer decodes greedily (0). Omost models use their original value, 0.6, as do servers,
    whose models are large. All other models use 0.3, because they follow requests more closely at
    that value.

    Args:
        name: The name of a model, or the address of a server.
    """
    name = name.strip()
    if name in ("composer", DEMO_TITLE):
        return 0.0
    return 0.6 if is_address(name) or OMOST_NAME.search(Path(name).name) else 0.3


def _unlisted(name: str, source: str, file_name: str) -> CatalogEntry:
    """Returns the entry of a folder, a file or a hub name that is not listed by this name."""
    for model in LISTED_MODELS:
        if model.download is not None and file_name == model.download.local_name:
            return replace(model, name=name, source=source, title="", download=None)
    is_omost = OMOST_NAME.search(file_name) is not None
    return CatalogEntry(
        name,
        source,
        trained_on_canvases=is_omost,
        context=OMOST_CONTEXT if is_omost else None,
    )
