"""Chromium, as the tests and the conformance runner look at a page with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Chromium looks up hosts of its own at start; without network that only costs time.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Fonts and a script of gradio's lie elsewhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

ADVANCED = """if (location.protocol.startsWith("http") && !localStorage.getItem("omost_page"))
    localStorage.setItem("omost_page", "advanced");"""
"""A script that opens the advanced page, where every component can be used."""


class BrowserMissingError(Exception):
    """There is no browser here; the message says what to install."""


@contextmanager
def open_browser() -> Iterator[Any]:
    """Playwright's Browser. Raises BrowserMissingError."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise BrowserMissingError("chromium is missing; `make test` installs it where it may")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise BrowserMissingError("playwright is missing: pip install playwright") from None
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
