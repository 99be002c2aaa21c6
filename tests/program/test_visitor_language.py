"""The language of the stand-alone page follows the browser."""

from __future__ import annotations

import pytest

from lib_omost.program.standalone import StandaloneProgram
from lib_omost.program.visitor_language import preferred_language, set_visitor_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr, en;q=0.4, DE;q=0.7", "de"),
        ("en-GB, de", "en"),
        ("fr, *;q=0.5", "en"),
        ("de;q=x, ;;, zh;q=0.1.1", "en"),
    ],
)
def test_the_first_known_language_counts(header, language):
    assert preferred_language(header) == language


def test_a_chosen_language_goes_before_the_browser_s():
    set_visitor_language("de")
    try:
        assert StandaloneProgram().language == "de"
        assert StandaloneProgram(language="zh").localisation_files()[0].endswith("zh_CN.json")
        assert StandaloneProgram(language="en").localisation_files() == ()
    finally:
        set_visitor_language("")
