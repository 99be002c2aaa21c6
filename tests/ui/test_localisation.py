"""The page's texts in the language of the host's Settings."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lib_omost.__main__ import main
from lib_omost.program import current
from lib_omost.program.webui import WebuiProgram
from lib_omost.ui import messages
from lib_omost.ui.localisation import all_texts, counted, say, say_message, template
from lib_omost.ui.messages import MESSAGES
from lib_omost.ui.status_html import error_html, status_html
from lib_omost.ui.texts import CONTROLS, PRESET_SAVED, SCRIPTS, TAKEN_BACK


@pytest.fixture
def language(monkeypatch, tmp_path):
    """Put a language into force in a host, from files that it would have listed."""

    def choose(*files, name="de_DE"):
        paths = []
        for number, content in enumerate(files):
            path = tmp_path / f"{number}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            paths.append(str(path))
        opts = SimpleNamespace(localization=name)
        localization = SimpleNamespace(localizations={"de_DE": paths})
        monkeypatch.setitem(sys.modules, "modules.shared", SimpleNamespace(opts=opts))
        monkeypatch.setitem(sys.modules, "modules.localization", localization)
        monkeypatch.setattr(current, "_current", WebuiProgram(lambda: None))

    return choose


def test_without_a_host_texts_are_english():
    assert say(PRESET_SAVED, name="Harbour") == "Saved: Harbour."


def test_a_text_is_translated_before_its_values_are_filled_in(language):
    language({PRESET_SAVED: "„{name}“ ist gespeichert."}, {TAKEN_BACK: "Zurückgenommen."})
    assert "„Harbour“ ist gespeichert." in status_html(PRESET_SAVED, name="Harbour")
    assert "Zurückgenommen." in error_html(TAKEN_BACK)


def test_a_filled_in_message_is_translated(language):
    language({"Sampling, step {step} of {count}": "Schritt {step} von {count}"})
    assert say_message("Sampling, step 3 of 20") == "Schritt 3 von 20"
    assert say_message("An unknown {message}") == "An unknown {message}"


def test_every_message_is_one_of_the_program():
    files = (Path(messages.__file__).parents[1]).rglob("*.py")
    source = "".join(
        file.read_text(encoding="utf-8") for file in files if file.name != "messages.py"
    )
    for message in MESSAGES:
        pattern = re.sub(r"\\\{\w+\\\}", r"\\{[^}]+\\}", re.escape(message))
        assert re.search(pattern, source), message


def test_no_language_is_chosen(language):
    language({TAKEN_BACK: "Zurückgenommen."}, name="None")
    assert say(TAKEN_BACK) == TAKEN_BACK


def test_numbers_have_their_forms(language):
    language({"1 region": "1 Bereich", "{count} regions": "{count} Bereiche"})
    assert [counted(n, "region") for n in (0, 1, 1234)] == [
        "0 Bereiche",
        "1 Bereich",
        "1,234 Bereiche",
    ]


@pytest.mark.parametrize("slip", ["{nmae} gespeichert", "{name", "{0} gespeichert", ""])
def test_a_translator_s_slip_shows_english(language, slip):
    language({PRESET_SAVED: slip})
    assert say(PRESET_SAVED, name="Harbour") == "Saved: Harbour."


def test_a_file_that_cannot_be_read_is_passed_over(language):
    language("{", "7", {TAKEN_BACK: "Zurückgenommen."})
    assert say(TAKEN_BACK) == "Zurückgenommen."


def test_braces_in_what_a_model_says_stay():
    assert "{x}" in status_html("A {x} without a value.")


def test_all_texts_are_in_one_list_once():
    texts = all_texts()
    assert len(texts) == len(set(texts))
    assert {SCRIPTS["undo_hint"], CONTROLS["request"].placeholder, TAKEN_BACK} <= set(texts)
    assert {"Region strength", "Weight of the regions. 1 is neutral, 0 turns them off."} <= set(
        texts
    )
    assert "(in the accordion)" in texts


def test_a_template_keeps_what_is_translated_and_names_the_rest():
    written = json.loads(template({"Retry": "Noch einmal", "Of another program": "x"}))
    assert written["Retry"] == "Noch einmal"
    assert written["Of another program"] == "x"
    assert written[TAKEN_BACK] == TAKEN_BACK
    assert written.keys() >= set(all_texts())


def test_the_command_writes_a_file_and_brings_it_up_to_date(tmp_path, capsys):
    file = tmp_path / "localizations" / "de_DE.json"
    assert main(["localisation", str(file)]) == 0
    translated = json.loads(file.read_text()) | {"Retry": "Noch einmal"}
    del translated[TAKEN_BACK]
    file.write_text(json.dumps(translated))
    assert main(["localisation", str(file)]) == 0
    assert json.loads(file.read_text())["Retry"] == "Noch einmal"
    assert json.loads(file.read_text())[TAKEN_BACK] == TAKEN_BACK
    count = len(all_texts())
    assert f"{count - 1} of {count} texts are not translated" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "reason"), [("{", "is not a JSON file"), ("[]", "is not a JSON object")]
)
def test_the_command_leaves_what_it_cannot_read(tmp_path, capsys, content, reason):
    file = tmp_path / "de_DE.json"
    file.write_text(content)
    assert main(["localisation", str(file)]) == 2
    assert reason in capsys.readouterr().err
    assert file.read_text() == content
