"""Count the work of a call: lines of the package that run, and steps of its regular expressions."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

import lib_omost
from tests.growth.regex_steps import CountedPattern

PACKAGE = str(next(iter(lib_omost.__path__)))


def modules() -> list[ModuleType]:
    """The modules that read texts; those of hosts and pages need their host to be imported."""
    names = ["lib_omost.settings", "lib_omost.infotext", "lib_omost.renderer.webui_infotext"]
    for folder in ("canvas", "text", "llm"):
        package = importlib.import_module(f"lib_omost.{folder}")
        names += [
            f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)
        ]
    return [importlib.import_module(name) for name in names if not name.endswith("worker")]


def patterns() -> Iterator[tuple[ModuleType, dict[Any, Any], Any, re.Pattern[str]]]:
    """Yield every compiled pattern with its module, and the dict and the key that hold it."""
    for module in modules():
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern):
                yield module, vars(module), name, value
            elif isinstance(value, dict):
                for key, item in value.items():
                    if isinstance(item, re.Pattern):
                        yield module, value, key, item


class Work:
    """A sum of lines and steps."""

    def __init__(self) -> None:
        self.done = 0

    def add(self, amount: int) -> None:
        self.done += amount


@contextmanager
def counted() -> Iterator[Work]:
    """Count the work within the block."""
    work = Work()

    def trace(frame: Any, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        work.done += event == "line"
        return trace

    limit = sys.getrecursionlimit()
    with pytest.MonkeyPatch.context() as patch:
        for _, holder, key, pattern in list(patterns()):
            patch.setitem(holder, key, CountedPattern(pattern, work.add))
        sys.setrecursionlimit(100_000)
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            yield work
        finally:
            sys.settrace(before)
            sys.setrecursionlimit(limit)


def growth(read: Callable[[str], Any], text: Callable[[int], str], count: int) -> float:
    """Return how many times as much work a text of twice as many parts takes."""
    amounts = []
    for parts in (count, 2 * count):
        with counted() as work:
            read(text(parts))
        amounts.append(work.done)
    return amounts[1] / amounts[0]
