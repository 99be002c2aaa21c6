"""The catalog of language models by name: source, requirements, and whether they know canvases."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_files import resolve_path
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
        source: A name of the Hugging Face hub, a folder or a GGUF file; "smollm2" comes from the
            Python package index.
        note: A short description for lists.
        trained_on_canvases: Whether the model writes canvas code without an example.
        context: Context window in tokens, None to read it from the model's configuration.
        cpu_only: Whether the model runs on the CPU because it is too small to need a graphics card.
        requirements: Memory and download size, for people.
        title: The label on the page in place of the name.
    """

    name: str
    source: str
    note: str = ""
    trained_on_canvases: bool = False
    context: int | None = None
    cpu_only: bool = False
    requirements: str = ""
    title: str = ""

    @property
    def is_gguf(self) -> bool:
        """Tells whether the source is a GGUF file."""
        return self.source.lower().endswith(".gguf")


def _omost(name: str, note: str, gigabytes: int) -> CatalogEntry:
    source = f"lllyasviel/{name}"
    requirements = f"{gigabytes} GB of memory, {gigabytes} GB to download"
    return CatalogEntry(
        source,
        source,
        note,
        trained_on_canvases=True,
        context=OMOST_CONTEXT,
        requirements=requirements,
    )


DEMO_TITLE = "demo (shapes only)"
"""The label of "composer" on the page."""

NO_MODEL = (
    "No language model is chosen: choose one at the top of the panel Compose. Jobs without a model "
    "use the one under Settings > Omost."
)

_UNFILTERED = "trained without filtering: it may write what other models refuse"

LISTED_MODELS = (
    CatalogEntry(
        "composer",
        str(COMPOSER_FOLDER),
        "part of this extension; knows a few drawn shapes only",
        trained_on_canvases=True,
        context=4096,
        cpu_only=True,
        requirements="0.3 GB of memory, nothing to download",
        title=DEMO_TITLE,
    ),
    CatalogEntry(
        "smollm2",
        "smollm2",
        "small general model, 93 MB from the Python package index",
        requirements="1 GB of memory, 93 MB to download",
    ),
    _omost("omost-llama-3-8b-4bits", "the best answers; about 6 GB, needs bitsandbytes", 6),
    _omost(
        "omost-dolphin-2.9-llama3-8b-4bits", f"{_UNFILTERED}; about 6 GB, needs bitsandbytes", 6
    ),
    _omost("omost-phi-3-mini-128k-8bits", "smaller; about 4 GB, needs bitsandbytes", 4),
    _omost("omost-llama-3-8b", "unquantised; about 16 GB", 16),
    _omost("omost-dolphin-2.9-llama3-8b", f"{_UNFILTERED}; unquantised, about 16 GB", 16),
    _omost("omost-phi-3-mini-128k", "unquantised; about 8 GB", 8),
)
"""The models offered by name, in ascending order of their requirements."""


def find_model(name: str) -> CatalogEntry:
    """Returns the catalog entry for a name, a folder, a GGUF file or a name of the hub.

    A listed name may omit "lllyasviel/". Folders and files whose name matches an Omost model count
    as trained on canvases.

    Args:
        name: The name as a user writes it.

    Raises:
        UnusableError: The name is empty, or it is the path of a missing or unsuitable file.
    """
    name = name.strip()
    for model in LISTED_MODELS:
        if name in (model.name, model.name.split("/")[-1], model.title or model.name):
            return model
    if not name:
        raise UnusableError(NO_MODEL)
    path, kind = resolve_path(name)
    is_file = kind == stat.S_IFREG
    if kind == stat.S_IFDIR or (is_file and path.suffix.lower() == ".gguf"):
        return _unlisted(name, str(path.resolve()), path.name)
    if is_file:
        raise UnusableError(f"{name} is neither a folder nor a GGUF file: give the path of one.")
    if not HUB_NAME.fullmatch(name) or name.lower().endswith(".gguf"):
        raise UnusableError(f"No folder or file is at {name!r}: check the path.")
    return _unlisted(name, name, name)


def default_temperature(name: str) -> float:
    """Returns the sampling temperature for a model if the user sets none.

    The composer decodes greedily (0). Omost models use their original value, 0.6, as do servers,
    whose models are large. All other models use 0.3, because they follow requests more closely at
    that value (benchmarks/any_model.py).

    Args:
        name: The name of a model, or the address of a server.
    """
    name = name.strip()
    if name in ("composer", DEMO_TITLE):
        return 0.0
    return 0.6 if is_address(name) or OMOST_NAME.search(Path(name).name) else 0.3


def _unlisted(name: str, source: str, file_name: str) -> CatalogEntry:
    is_omost = OMOST_NAME.search(file_name) is not None
    return CatalogEntry(
        name,
        source,
        trained_on_canvases=is_omost,
        context=OMOST_CONTEXT if is_omost else None,
    )
