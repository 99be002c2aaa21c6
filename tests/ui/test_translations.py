"""The languages that are shipped: each text has a translation, in the terms of the documents."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lib_omost.settings import METHODS
from lib_omost.ui.localisation import all_texts
from lib_omost.ui.texts import DEMO_EXAMPLES, HELP_KEYS, TITLE

ROOT = Path(__file__).parents[2]
FILES = {file.stem: file for file in sorted((ROOT / "localizations").glob("*.json"))}
LANGUAGES = {name: json.loads(file.read_text(encoding="utf-8")) for name, file in FILES.items()}

NAMES = {TITLE, "Top p", "webui", *METHODS, *(keys for keys, _ in HELP_KEYS)}
SAME = {
    # The demonstration composer understands English only.
    "de_DE": {*NAMES, *DEMO_EXAMPLES}
    | {"Chat", "Code", "Details", "Detail {number}", "Name", "Preset", "Presets", "Prompt"}
    | {"Sampler", "Seed", "Tags", "1 Token", "{count} Token", "{tokens} Token"},
    "zh_CN": {*NAMES, *DEMO_EXAMPLES},
}
"""Texts that a language may share with English."""

every_language = pytest.mark.parametrize("name", LANGUAGES)


def test_german_and_chinese_are_shipped():
    assert LANGUAGES.keys() == {"de_DE", "zh_CN"} == SAME.keys()


@every_language
def test_each_text_has_a_translation_and_nothing_else_has(name):
    keys, texts = set(LANGUAGES[name]), set(all_texts())
    assert {"untranslated": texts - keys, "stale": keys - texts} == {
        "untranslated": set(),
        "stale": set(),
    }


@every_language
def test_texts_are_not_left_in_english(name):
    same = {text for text, translation in LANGUAGES[name].items() if text == translation}
    assert same <= SAME[name]
    assert "" not in LANGUAGES[name].values()


@every_language
def test_placeholders_are_those_of_the_text(name):
    def placeholders(text):
        return sorted(re.findall(r"\{\w*\}", text))

    wrong = {
        text: translation
        for text, translation in LANGUAGES[name].items()
        if placeholders(text) != placeholders(translation)
    }
    assert wrong == {}


@every_language
def test_a_translation_ends_like_its_text(name):
    """A sentence stays a sentence, and a label gets no full stop."""
    ends = {".": ".。", ":": ":：", "?": "?？", ")": ")）"}
    wrong = [
        text
        for text, translation in LANGUAGES[name].items()
        if (translation[-1] in "".join(ends.values())) != (text[-1] in ends)
        or translation[-1] not in ends.get(text[-1], translation[-1])
    ]
    assert wrong == []


def glossary(column):
    """The rows of the table in docs/development.md: an English term, and its translations."""
    document = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
    table = document.partition("| English | German | Chinese |\n")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[1:]]
    return {row[0]: row[column].split(", ") for row in rows}


@pytest.mark.parametrize(("name", "column"), [("de_DE", 1), ("zh_CN", 2)])
def test_terms_are_translated_as_the_documents_say(name, column):
    terms = glossary(column)
    assert len(terms) > 20
    wrong = [
        (term, text)
        for text, translation in LANGUAGES[name].items()
        for term, known in terms.items()
        if re.search(rf"\b{term}s?\b(?![^{{]*\}})", text, re.IGNORECASE)
        and not any(word.lower() in translation.lower() for word in known)
    ]
    assert wrong == []
