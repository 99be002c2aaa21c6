"""Lists every module with the first sentence of its docstring: `python -m tools.module_list`.

With `--write` the list in docs/architecture.md is replaced.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- modules: begin -->\n", "<!-- modules: end -->\n"

PACKAGES = (
    *("canvas", "text", "attention"),
    *("llm", "llm/demo", "llm/server", "program", "compose"),
    *("hosts", "hosts/a1111", "hosts/forge", "renderer"),
    *("presets", "webui", "ui", "api", "batch", "serve", "cli"),
)
"""Folders of lib_omost in reading order, from the document to the programs that use it."""


def folders() -> list[Path]:
    """Returns the folders in reading order; a new folder comes last until it is added above."""
    package = ROOT / "lib_omost"
    known = [package, *(package / name for name in PACKAGES)]
    found = {file.parent for file in package.rglob("*.py")}
    return [folder for folder in known if folder in found] + sorted(found - set(known))


def first_sentence(comment: str) -> str:
    """Returns the first sentence of a docstring or comment on one line."""
    text = " ".join(comment.split("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) (?=[A-Z`])", text)[0]


def python_sentence(file: Path) -> str:
    """Returns the first sentence of a module's docstring, "" if it has none."""
    return first_sentence(ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "")


def script_sentence(file: Path) -> str:
    """Returns the first sentence of the comment that begins a script, "" if it has none."""
    text = file.read_text("utf-8")
    comment = re.match(r"(?:// *@ts-check\n\s*)?(/\*\*?(.*?)\*/|(?://.*\n)+)", text, re.DOTALL)
    if comment is None:
        return ""
    lines = (comment[2] or comment[1]).splitlines()
    return first_sentence("\n".join(re.sub(r"^\s*(//|\*)? ?", "", line) for line in lines).strip())


def sections() -> Iterator[str]:
    """Yields one Markdown section for each folder."""
    for folder in folders():
        files = sorted(folder.glob("*.py"), key=lambda file: (file.name != "__init__.py", file))
        lines = [
            f"- [`{file.name}`](../{file.relative_to(ROOT).as_posix()}): {python_sentence(file)}"
            for file in files
            if file.name != "__init__.py"
        ]
        title = folder.relative_to(ROOT).as_posix()
        about = python_sentence(folder / "__init__.py")
        yield "\n".join([f"### {title}/", "", *([about, ""] if about else []), *lines, ""])
    scripts = sorted((ROOT / "javascript").rglob("*.js"))
    lines = [
        f"- [`{file.name}`](../{file.relative_to(ROOT).as_posix()}): {script_sentence(file)}"
        for file in scripts
    ]
    yield "\n".join(["### javascript/", "", *lines, ""])


def module_list() -> str:
    """Returns the whole list as Markdown."""
    return "\n".join(sections())


def with_list(document: str) -> str:
    """Returns a document in which the list between the two marks is current."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{module_list()}\n{END}{after}"


def main() -> None:
    """Prints the list, or writes it into docs/architecture.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the list in the document")
    if parser.parse_args().write:
        DOCUMENT.write_text(with_list(DOCUMENT.read_text("utf-8")), "utf-8")
    else:
        print(module_list())


if __name__ == "__main__":
    main()
