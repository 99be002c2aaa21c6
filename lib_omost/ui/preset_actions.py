"""The panel "Presets": what its buttons do, without the page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lib_omost.presets.library import Library
from lib_omost.presets.preset import LibraryError, Preset, PresetExistsError
from lib_omost.presets.preset_names import checked_name
from lib_omost.ui import texts
from lib_omost.ui.chat_view import failed, said
from lib_omost.ui.localisation import say

Deed = Literal["save", "replace", "rename", "delete"]

ASKED: dict[Deed, str] = {
    "save": texts.ASK_SAVE,
    "replace": texts.ASK_REPLACE,
    "rename": texts.ASK_RENAME,
    "delete": texts.ASK_DELETE,
}


@dataclass(frozen=True)
class PresetQuestion:
    """What is asked before it is done to the preset of a name; "" where none is chosen."""

    deed: Deed
    name: str

    @property
    def text(self) -> str:
        """The question in words."""
        return say(ASKED[self.deed], name=self.name)


@dataclass(frozen=True)
class PresetInputs:
    """What stands in the page when a button is pressed.

    imported, file_name: of a file that was chosen. name: of the preset that is chosen; new_name:
    for what a question is about. settings: all that a preset may set; with_settings: it is to.
    """

    imported: str = ""
    file_name: str = ""
    name: str = ""
    new_name: str = ""
    with_settings: bool = False
    question: PresetQuestion | None = None
    canvas: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def preset(self) -> Preset:
        """What is to be saved."""
        return Preset(self.canvas, self.settings if self.with_settings else {})


@dataclass(frozen=True)
class PresetView:
    """What is to change in the page; None leaves a part of it as it is.

    names: of all presets. question: False for none. exported: the text of a file to download,
    named download. said: HTML.
    """

    names: list[str] | None = None
    name: str | None = None
    question: PresetQuestion | Literal[False] | None = None
    exported: str | None = None
    download: str | None = None
    said: str | None = None
    canvas: str | None = None
    settings: Mapping[str, Any] | None = None


class PresetActions:
    """The handlers; `library` is asked for by the first of them that needs it."""

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library

    def refresh(self, entered: PresetInputs) -> PresetView:
        """Show the presets that are there now."""
        return PresetView(names=self._library().names())

    def load(self, entered: PresetInputs) -> PresetView:
        """Put a preset into the page; what it does not set stays."""
        if not entered.name:
            return PresetView(said=failed(texts.CHOOSE_PRESET))
        preset = self._library().load(entered.name)
        return PresetView(
            canvas=preset.canvas or None,
            settings=preset.settings or None,
            question=False,
            said=said(texts.PRESET_LOADED, name=entered.name),
        )

    def save(self, entered: PresetInputs) -> PresetView:
        """Ask for a name."""
        return PresetView(question=PresetQuestion("save", entered.name), said="")

    def rename(self, entered: PresetInputs) -> PresetView:
        """Ask for a new name."""
        return self._ask("rename", entered)

    def delete(self, entered: PresetInputs) -> PresetView:
        """Ask whether it is meant."""
        return self._ask("delete", entered)

    def confirm(self, entered: PresetInputs) -> PresetView:
        """Do what was asked about."""
        if entered.question is None:
            return PresetView()
        library, deed, name = self._library(), entered.question.deed, entered.question.name
        if deed == "save":
            return self._save(entered)
        if deed == "replace":
            library.save(name, entered.preset, replace=True)
            return self._done(name, texts.PRESET_SAVED, name=name)
        if deed == "rename":
            library.rename(name, entered.new_name)
            new_name = checked_name(entered.new_name)
            return self._done(new_name, texts.PRESET_RENAMED, name=name, new_name=new_name)
        library.delete(name)
        return self._done("", texts.PRESET_DELETED, name=name)

    def leave(self, entered: PresetInputs) -> PresetView:
        """Do nothing."""
        return PresetView(question=False)

    def export(self, entered: PresetInputs) -> PresetView:
        """Download the preset, or the whole library where none is chosen."""
        library, name = self._library(), entered.name
        if not name and not library.names():
            return PresetView(said=failed(texts.NO_PRESET), exported="")
        export = library.export([name] if name else None)
        if name:
            told = said(texts.PRESET_DOWNLOADED, name=name)
        elif export.left_out:
            told = failed(texts.LIBRARY_DOWNLOADED_IN_PART, left_out=" ".join(export.left_out))
        else:
            told = said(texts.LIBRARY_DOWNLOADED)
        return PresetView(
            exported=export.text, download=f"{name or 'omost-library'}.json", said=told
        )

    def bring(self, entered: PresetInputs) -> PresetView:
        """Add the presets of a file."""
        file_name = entered.file_name.removesuffix(".json")
        names = self._library().import_text(entered.imported, file_name or "Imported")
        return self._done(
            names[0] if names else None, texts.PRESETS_IMPORTED, names=", ".join(names)
        )

    def guarded(
        self, handler: Callable[[PresetInputs], PresetView]
    ) -> Callable[[PresetInputs], PresetView]:
        """Return a handler that says what went wrong, and shows the presets that are left."""

        def answer(entered: PresetInputs) -> PresetView:
            try:
                return handler(entered)
            except LibraryError as error:
                return PresetView(names=self._library().names(), said=failed(error), exported="")
            except OSError as error:
                return PresetView(said=failed(texts.LIBRARY_UNUSABLE, reason=error), exported="")

        return answer

    def _save(self, entered: PresetInputs) -> PresetView:
        if not entered.canvas.strip() and not entered.with_settings:
            return PresetView(said=failed(texts.NOTHING_TO_SAVE))
        name = checked_name(entered.new_name)
        try:
            self._library().save(name, entered.preset)
        except PresetExistsError:
            return PresetView(question=PresetQuestion("replace", name), said="")
        return self._done(name, texts.PRESET_SAVED, name=name)

    def _ask(self, deed: Deed, entered: PresetInputs) -> PresetView:
        if not entered.name:
            return PresetView(said=failed(texts.CHOOSE_PRESET))
        return PresetView(question=PresetQuestion(deed, entered.name), said="")

    def _done(self, chosen: str | None, text: str, **values: str) -> PresetView:
        names = self._library().names()
        return PresetView(names=names, name=chosen, question=False, said=said(text, **values))
