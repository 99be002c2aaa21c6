"""The sampler's calls, replaced for one sampling: what else is to happen, or that none happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

SAMPLER_CALLS = ("sample", "sample_img2img")
"""How the hosts begin a sampling."""


class RefusalError(Exception):
    """Why a picture is not made; the message is for the user."""


@contextmanager
def replaced(sampler: Any, name: str, call: Callable[..., Any]) -> Iterator[None]:
    """Give a sampler a call of its own, until what stood there comes back."""
    before = vars(sampler).get(name)
    setattr(sampler, name, call)
    try:
        yield
    finally:
        if before is None:
            delattr(sampler, name)
        else:
            setattr(sampler, name, before)


def refuse_sampling(sampler: Any, message: str) -> None:
    """Let the sampling that comes next fail with a message: it is too late to end the job."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise RefusalError(message)

    for name in SAMPLER_CALLS:
        setattr(sampler, name, refuse)
