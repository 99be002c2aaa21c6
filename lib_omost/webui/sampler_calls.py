"""Replaces the methods of the host's sampler for one sampling run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

SAMPLER_METHODS = ("sample", "sample_img2img")
"""The methods of a sampler that the hosts call."""


class RefusalError(Exception):
    """A picture cannot be made; the message is for the user."""


@contextmanager
def replaced_method(sampler: Any, name: str, method: Callable[..., Any]) -> Iterator[None]:
    """Replaces a method of one sampler object and restores it afterwards."""
    before = vars(sampler).get(name)
    setattr(sampler, name, method)
    try:
        yield
    finally:
        if before is None:
            delattr(sampler, name)
        else:
            setattr(sampler, name, before)


def refuse_sampling(sampler: Any, message: str) -> None:
    """Makes the next sampling fail with a message, when it is too late to end the job."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise RefusalError(message)

    for name in SAMPLER_METHODS:
        setattr(sampler, name, refuse)
