"""What went wrong with a language model, as one plain sentence that says what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator

OLDEST_TRANSFORMERS = (4, 41)
"""The first that reads all three Omost models (facts/hosts.md)."""

PACKAGES = ("bitsandbytes", "accelerate", "gguf", "huggingface_hub", "transformers", "torch")
"""What an import may miss, in the order in which messages should be searched for it."""


class UnusableError(Exception):
    """A model or a task that cannot be used; its text says why and what to do."""


class RefusedError(UnusableError):
    """A task that the model cannot do although nothing is wrong with the model."""


class CancelledError(Exception):
    """A task was cancelled between two of its steps."""


def explain(error: BaseException, model: str) -> str:
    """Say in one sentence why `model` did not answer, and what to do.

    What an error means is read from the names and texts of it and of its causes: the classes come
    from libraries that need not be installed, and their homes move from version to version.
    """
    chain = tuple(_chain(error))
    for link in chain:
        if isinstance(link, UnusableError):
            return str(link)
    names = {kind.__name__ for link in chain for kind in type(link).__mro__}
    text = " ".join(str(link) for link in chain).lower()
    if _disk_is_full(chain, text):
        return f"The disk is full, so {model} could not be stored: free some space and try again."
    if _memory_is_full(names, text):
        return _memory(model)
    if "ImportError" in names or "no package metadata was found" in text:
        return _missing_package(text, model)
    if "GatedRepoError" in names or "gated repo" in text:
        return (
            f"{model} is gated: accept its licence on its page at huggingface.co, log in with "
            f"`hf auth login`, and try again."
        )
    if "no gpu found" in text or "cuda is not available" in text or "requires a gpu" in text:
        return (
            f"{model} is quantised for a CUDA graphics card and none was found: choose its "
            f"unquantised name, the composer, or a server."
        )
    if _has_no_network(names, text):
        return (
            f"{model} is not on this machine and huggingface.co could not be reached: connect to "
            f"the network, or give the path of a folder that holds the model."
        )
    if "RepositoryNotFoundError" in names or "not a valid model identifier" in text:
        return (
            f"No model is called {model}: check the spelling, or give the path of its folder or "
            f"GGUF file; a private one needs `hf auth login` first."
        )
    if "EntryNotFoundError" in names:
        return (
            f"{model} cannot be loaded by its name, as files are missing in it: choose another, or "
            f"download a GGUF file of it and give that file's path."
        )
    if "does not recognize this architecture" in text or "tokenizersbackend" in text:
        return (
            f"{model} needs a newer transformers than this program has: leave that as it is, and "
            f"choose an own process or a server."
        )
    return f"{model} failed with {type(error).__name__}: {_first_line(error)}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _disk_is_full(chain: tuple[BaseException, ...], text: str) -> bool:
    full = any(isinstance(link, OSError) and link.errno == errno.ENOSPC for link in chain)
    return full or "no space left on device" in text or "not enough space on the disk" in text


def _memory_is_full(names: set[str], text: str) -> bool:
    return (
        bool(names & {"MemoryError", "OutOfMemoryError"})
        or "out of memory" in text
        or "can't allocate memory" in text
        or "not enough memory" in text
        # What transformers says where bitsandbytes' layers would have to leave the card.
        or "dispatched on the cpu or the disk" in text
    )


def _memory(model: str) -> str:
    if model.lower().endswith(".gguf"):
        return (
            f"There is not enough memory for {model}, which is unpacked to its full size here: "
            f"run it with a llama.cpp or Ollama server, and choose that server instead."
        )
    return (
        f"There is not enough memory for {model}: close other programs, unload the image model, "
        f"start a new chat, or choose a smaller model or a server."
    )


def _missing_package(text: str, model: str) -> str:
    package = next((name for name in PACKAGES if name in text), None)
    if package is None:
        return f"{model} needs a package that is not installed: {text}"
    return (
        f"{model} needs the Python package {package} (a recent version), which is not installed "
        f"here: choose an own process or a server, or, outside of a WebUI, `pip install -U "
        f"{package}`."
    )


def _has_no_network(names: set[str], text: str) -> bool:
    return (
        bool(names & {"LocalEntryNotFoundError", "OfflineModeIsEnabled", "ConnectError"})
        or bool(names & {"ConnectionError", "ConnectTimeout", "ProxyError", "NameResolutionError"})
        or "couldn't connect to" in text
        or "offline mode" in text
    )


def _first_line(error: BaseException) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), "no text")
