"""Who may import whom in lib_omost, that no two files import each other, and unique class names."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lib_omost"

FORMATS = {"canvas", "text", "setting_fields", "settings", "infotext"}

ALLOWED = {
    # Formats and files.
    "atomic_files": set(),
    "folder_lock": set(),
    "ctrl_c": set(),
    "quiet_libraries": set(),
    "canvas": set(),
    "text": {"canvas"},
    "setting_fields": {"canvas"},
    "settings": {"canvas", "attention", "setting_fields"},
    "infotext": {"canvas", "text", "settings"},
    "regeneration": {"canvas", "setting_fields"},
    # Sampling: attention by region, in the hosts and in the renderer.
    "attention": {"canvas"},
    "hosts": {"canvas", "text", "attention"},
    "renderer": {*FORMATS, "attention", "hosts", "regeneration"},
    # Composing: language models, the port to the surrounding program, requests and answers.
    "bug_report": {"llm"},
    "llm": {"canvas", "atomic_files", "folder_lock"},
    "program": {"llm", "hosts"},
    "options": {"setting_fields", "settings", "llm", "program"},
    "presets": {"canvas", "setting_fields", "settings", "atomic_files", "folder_lock"},
    "compose": {
        "canvas", "text", "setting_fields", "settings", "llm", "program", "options", "atomic_files",
    },
    # What users and programs work with.
    "api": {"canvas", "setting_fields", "settings", "llm", "options", "presets", "compose"},
    "ui": {
        "canvas", "text", "setting_fields", "settings", "llm", "program", "options", "presets",
        "compose", "regeneration",
    },
    "batch": {*FORMATS, "llm", "compose", "renderer", "atomic_files", "quiet_libraries"},
    # Programs: the script in a WebUI, the stand-alone page, the command line.
    "webui": {
        *FORMATS, "attention", "hosts", "program", "options", "presets", "compose", "api", "ui",
        "bug_report", "regeneration",
    },
    "serve": {
        *FORMATS, "llm", "program", "presets", "compose", "renderer", "api", "ui",
        "atomic_files", "ctrl_c", "bug_report", "regeneration",
    },
    "cli": {
        *FORMATS, "llm", "program", "compose", "renderer", "api", "batch", "atomic_files", "ctrl_c",
        "bug_report",
    },
    "__main__": {"cli", "ctrl_c", "quiet_libraries"},
}  # fmt: skip
"""What each folder of lib_omost, and each file beside them, may import of the others."""

EXCEPTIONS = {
    ("cli/localisation.py", "ui"),  # the command writes the page's texts for translators
}

HOST_FILES = ("hosts/", "webui/", "program/webui")
"""The only places that import the WebUI's own modules."""


def units() -> set[str]:
    """The folders with Python files, and the files beside them."""
    folders = {path.name for path in PACKAGE.iterdir() if any(path.rglob("*.py"))}
    return folders | {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}


def unit(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def files() -> dict[str, Path]:
    """The files of lib_omost by the names of their modules."""
    modules = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return modules


FILES = files()
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES.values()}


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, also within functions and for types alone."""
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            assert node.module
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            own = [name for name in names if name in FILES]
            yield from own
            if len(own) < len(names):
                yield node.module


def own_imports(file: Path) -> set[Path]:
    return {FILES[name] for name in imported(file) if name in FILES}


def test_every_folder_and_file_has_a_rule():
    assert ALLOWED.keys() == units()
    assert set().union(*ALLOWED.values()) <= units()


@pytest.mark.parametrize("name", ALLOWED)
def test_nothing_imports_what_is_above_it(name):
    forbidden = []
    for file in FILES.values():
        if unit(file) != name or file == PACKAGE / "__init__.py":
            continue
        path = file.relative_to(PACKAGE).as_posix()
        for other in sorted({unit(found) for found in own_imports(file)} - {name, "__init__"}):
            if other not in ALLOWED[name] and (path, other) not in EXCEPTIONS:
                forbidden.append(f"{path} imports {other}")
    assert forbidden == []


def test_the_rules_have_no_cycle():
    left = dict(ALLOWED)
    while free := [name for name, below in left.items() if not below & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


def test_no_file_imports_itself_over_others():
    left = {file: own_imports(file) for file in FILES.values()}
    while free := {
        file
        for file, others in left.items()
        # A file in a cycle imports one of the others and is imported by one.
        if not others & left.keys() or not any(file in others for others in left.values())
    }:
        for file in free:
            del left[file]
    assert sorted(file.relative_to(PACKAGE).as_posix() for file in left) == []


def test_a_class_name_means_one_thing():
    names = Counter(
        node.name
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_the_webui_s_modules_are_imported_by_its_adapters_alone():
    outside = [
        path.relative_to(PACKAGE).as_posix()
        for path in FILES.values()
        if any(name.split(".")[0] in ("modules", "backend") for name in imported(path))
    ]
    assert [path for path in outside if not path.startswith(HOST_FILES)] == []
    assert len(outside) > 10  # the adapters are found
