"""README and docs: length, links, commands, tables of settings, and the list of modules."""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from lib_omost.__main__ import COMMANDS
from lib_omost.canvas.conversion import FORMS
from lib_omost.compose.settings import COMPOSE_FIELDS
from lib_omost.settings import FIELDS
from tools import module_list

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = [
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "training" / "README.md",
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("lib_omost/models/*/README.md")),
]
LINK = re.compile(r'\]\(([^)\s]+)\)|src="([^"]+)"')
COMMAND = re.compile(r"^(?:    |\| `)?(?:\S*python )-m lib_omost (.*?)(?:`|$)", re.MULTILINE)

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT))
)


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def test_the_readme_has_at_most_900_words():
    assert len(README.read_text("utf-8").split()) <= 900


@each_document
def test_links_lead_somewhere(document):
    targets = [a or b for a, b in LINK.findall(document.read_text("utf-8"))]
    for target in targets:
        if target.startswith(("http:", "https:")):
            continue
        name, _, anchor = target.partition("#")
        file = document.parent / name if name else document
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@each_document
def test_files_that_are_named_exist(document):
    for name in re.findall(r"`([\w.*-]+/[\w./*-]+\.(?:py|js))`", document.read_text("utf-8")):
        places = [ROOT, ROOT / "lib_omost", document.parent]
        assert any(list(place.glob(name)) for place in places), name


@each_document
def test_commands_can_be_parsed(document):
    for line in COMMAND.findall(document.read_text("utf-8")):
        command, *arguments = shlex.split(line.partition("  #")[0])
        if command == "COMMAND":
            continue
        assert command in COMMANDS
        parser = argparse.ArgumentParser(exit_on_error=False)
        importlib.import_module(f"lib_omost.cli.{command}").add_arguments(parser)
        parser.parse_args(arguments)


def test_modules_that_are_named_as_commands_exist():
    text = "".join(document.read_text("utf-8") for document in DOCUMENTS)
    for name in set(
        re.findall(r"-m ((?:tests|tools|benchmarks|training|model_tools)[\w.]*)", text)
    ):
        assert importlib.util.find_spec(name), name


def test_every_setting_is_in_the_table():
    table = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = [line for line in table.splitlines() if line.startswith("|")]
    for name, field in {**FIELDS, **COMPOSE_FIELDS}.items():
        (row,) = [line for line in rows if f"`{name}`" in line]
        assert field.label in row
        assert all(f"`{choice}`" in row for choice in field.choices)


def test_every_format_is_in_the_table_of_layouts():
    table = (ROOT / "docs" / "layouts.md").read_text("utf-8")
    assert [form for form in FORMS if f"`{form}`" not in table] == []


def test_the_list_of_modules_is_current():
    document = module_list.DOCUMENT.read_text("utf-8")
    assert module_list.with_list(document) == document, "run python -m tools.module_list --write"


def test_every_module_has_a_sentence():
    assert not re.findall(r"^- .*\): $", module_list.module_list(), re.MULTILINE)
