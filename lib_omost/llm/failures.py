"""Failures of language models, each explained in one sentence with a remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterator

MIN_TRANSFORMERS_VERSION = (4, 45)
"""The oldest version of transformers that loads all models; 4.44 cannot read the composer."""

OPTIONAL_PACKAGES = (
    "bitsandbytes",
    "accelerate",
    "huggingface_hub",
    "transformers",
    "torch",
)
"""Packages that an import can miss, in the order in which error messages are searched for them."""


class UnusableError(Exception):
    """A model or a task cannot be used; the message states the reason and a remedy."""


class RefusedError(UnusableError):
    """The model cannot do this task, although the model works."""


class CancelledError(Exception):
    """A task was cancelled between two of its steps."""


def explain_failure(error: BaseException, model: str) -> str:
    """Explains in one sentence why a model did not answer, and names a remedy.

    The classification uses the class names and messages of the error and its causes, because the
    classes belong to optional libraries and move between versions.

    Args:
        error: The exception.
        model: The name of the model for the message.
    """
    chain = tuple(_causes(error))
    for cause in chain:
        if isinstance(cause, UnusableError):
            return str(cause)
    names = {kind.__name__ for cause in chain for kind in type(cause).__mro__}
    text = " ".join(str(cause) for cause in chain).lower()
    if _disk_is_full(chain, text):
        return f"The disk is full, so {model} could not be stored: free some space and try again."
    if _memory_is_full(names, text):
        return (
            f"There is not enough memory for {model}: close other programs, unload the image "
            f"model, start a new chat, or choose a smaller model or a server."
        )
    if "ImportError" in names or "no package metadata was found" in text:
        return _package_message(_missing_modules(chain) or text, model)
    if "GatedRepoError" in names or "gated repo" in text:
        return (
            f"{model} is gated: accept its licence on its page at huggingface.co, log in with "
            f"`hf auth login`, and try again."
        )
    if "no gpu found" in text or "cuda is not available" in text or "requires a gpu" in text:
        return (
            f"{model} is quantised for CUDA graphics cards and none was found: choose the "
            f"unquantised model, the demonstration composer, or a server."
        )
    if _is_offline(names, text):
        return (
            f"{model} is not on this machine and huggingface.co could not be reached: connect to "
            f"the network, or give the path of a folder with the model."
        )
    if "RepositoryNotFoundError" in names or "not a valid model identifier" in text:
        return (
            f"No model is called {model}: check the spelling, or give the path of its folder or "
            f"GGUF file; a private one needs `hf auth login` first."
        )
    if "EntryNotFoundError" in names:
        return (
            f"{model} cannot be loaded by its name, because files are missing on the hub: choose "
            f"another model, or download a GGUF file of it and give the path of the file."
        )
    if "does not recognize this architecture" in text or "tokenizersbackend" in text:
        return (
            f"{model} needs a newer transformers than this program has: keep the installed "
            f"version, and run the model in its own process or on a server."
        )
    return f"{model} failed with {type(error).__name__}: {_first_line(error)}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _disk_is_full(chain: tuple[BaseException, ...], text: str) -> bool:
    is_full = any(isinstance(cause, OSError) and cause.errno == errno.ENOSPC for cause in chain)
    return is_full or "no space left on device" in text or "not enough space on the disk" in text


def _memory_is_full(names: set[str], text: str) -> bool:
    return (
        bool(names & {"MemoryError", "OutOfMemoryError"})
        or "out of memory" in text
        or "can't allocate memory" in text
        or "not enough memory" in text
        # The message of transformers if layers of bitsandbytes do not fit on the graphics card.
        or "dispatched on the cpu or the disk" in text
    )


def _missing_modules(chain: tuple[BaseException, ...]) -> str:
    """Returns the names of modules that were not found, which messages may hide among others."""
    names = (cause.name for cause in chain if isinstance(cause, ModuleNotFoundError))
    return " ".join(filter(None, names))


def _package_message(text: str, model: str) -> str:
    package = next((name for name in OPTIONAL_PACKAGES if name in text), None)
    if package is None:
        return f"{model} needs a package that is not installed: {text}"
    return (
        f"{model} needs the Python package {package} (a recent version), which is not installed "
        f"here: run the model in its own process or on a server, or, outside of a WebUI, `pip "
        f"install -U {package}`."
    )


def _is_offline(names: set[str], text: str) -> bool:
    return (
        bool(names & {"LocalEntryNotFoundError", "OfflineModeIsEnabled", "ConnectError"})
        or bool(names & {"ConnectionError", "ConnectTimeout", "ProxyError", "NameResolutionError"})
        or "couldn't connect to" in text
        or "offline mode" in text
    )


def _first_line(error: BaseException) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), "no text")
