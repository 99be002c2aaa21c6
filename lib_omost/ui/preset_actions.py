"""The handlers of the panel "Presets", independent of gradio."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal

from lib_omost.presets.library import Library
from lib_omost.presets.preset import LibraryError, Preset, PresetExistsError
from lib_omost.presets.preset_names import checked_name
from lib_omost.ui import texts
from lib_omost.ui.localisation import say
from lib_omost.ui.status_html import error_html, status_html

PresetAction = Literal["save", "replace", "rename", "delete"]

QUESTIONS: dict[PresetAction, str] = {
    "save": texts.ASK_SAVE,
    "replace": texts.ASK_REPLACE,
    "rename": texts.ASK_RENAME,
    "delete": texts.ASK_DELETE,
}


@dataclass(frozen=True)
class PresetQuestion:
    """A question to confirm before an action changes the library.

    Attributes:
        action: The action.
        name: Name of the preset, "" for none.
    """

    action: PresetAction
    name: str

    @property
    def text(self) -> str:
        """The translated question."""
        return say(QUESTIONS[self.action], name=self.name)


@dataclass(frozen=True)
class PresetInputs:
    """Values of the page when a button is pressed.

    Attributes:
        imported: Content of an imported file.
        file_name: Name of the imported file.
        name: Name of the selected preset, "" for none.
        new_name: Name that the user typed to answer a question.
        with_settings: Save the settings too.
        question: The open question.
        canvas: The canvas as text.
        settings: Values of all settings that a preset can store.
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
        """The preset to save."""
        return Preset(self.canvas, self.settings if self.with_settings else {})


@dataclass(frozen=True)
class PresetView:
    """Changes of the page; None leaves a part of the page unchanged.

    Attributes:
        names: Names of all presets.
        name: Name of the selected preset.
        question: The question to show, False for none.
        exported: Content of a file to download.
        download: Name of the file to download.
        message: Status line as HTML.
        canvas: The canvas as text.
        settings: Values of settings to set.
    """

    names: list[str] | None = None
    name: str | None = None
    question: PresetQuestion | Literal[False] | None = None
    exported: str | None = None
    download: str | None = None
    message: str | None = None
    canvas: str | None = None
    settings: Mapping[str, Any] | None = None


class PresetActions:
    """The handlers of the presets.

    Args:
        library: Returns the canvas library. The first handler that needs it calls it.
    """

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library

    def refresh(self, inputs: PresetInputs) -> PresetView:
        """Shows the names of all presets."""
        return PresetView(names=self._library().names())

    def load(self, inputs: PresetInputs) -> PresetView:
        """Loads a preset into the page; settings that it does not contain stay."""
        if not inputs.name:
            return PresetView(message=error_html(texts.CHOOSE_PRESET))
        preset = self._library().load(inputs.name)
        return PresetView(
            canvas=preset.canvas or None,
            settings=preset.settings or None,
            question=False,
            message=status_html(texts.PRESET_LOADED, name=inputs.name),
        )

    def save(self, inputs: PresetInputs) -> PresetView:
        """Shows the question for the preset's name."""
        return PresetView(question=PresetQuestion("save", inputs.name), message="")

    def rename(self, inputs: PresetInputs) -> PresetView:
        """Shows the question for the new name."""
        return self._ask("rename", inputs)

    def delete(self, inputs: PresetInputs) -> PresetView:
        """Shows the question whether to delete the preset."""
        return self._ask("delete", inputs)

    def confirm(self, inputs: PresetInputs) -> PresetView:
        """Runs the action of the open question."""
        if inputs.question is None:
            return PresetView()
        library, action, name = self._library(), inputs.question.action, inputs.question.name
        if action == "save":
            return self._save(inputs)
        if action == "replace":
            library.save(name, inputs.preset, replace=True)
            return self._done(name, texts.PRESET_SAVED, name=name)
        if action == "rename":
            library.rename(name, inputs.new_name)
            new_name = checked_name(inputs.new_name)
            return self._done(new_name, texts.PRESET_RENAMED, name=name, new_name=new_name)
        library.delete(name)
        return self._done("", texts.PRESET_DELETED, name=name)

    def cancel(self, inputs: PresetInputs) -> PresetView:
        """Closes the question."""
        return PresetView(question=False)

    def export(self, inputs: PresetInputs) -> PresetView:
        """Downloads the selected preset, or the whole library if none is selected."""
        library, name = self._library(), inputs.name
        if not name and not library.names():
            return PresetView(message=error_html(texts.NO_PRESET), exported="")
        export = library.export([name] if name else None)
        if name:
            message = status_html(texts.PRESET_DOWNLOADED, name=name)
        elif export.left_out:
            message = error_html(
                texts.LIBRARY_DOWNLOADED_IN_PART, left_out=" ".join(export.left_out)
            )
        else:
            message = status_html(texts.LIBRARY_DOWNLOADED)
        return PresetView(
            exported=export.text, download=f"{name or 'omost-library'}.json", message=message
        )

    def import_presets(self, inputs: PresetInputs) -> PresetView:
        """Adds the presets or the canvas of a file to the library."""
        file_name = PurePath(inputs.file_name).stem
        names = self._library().import_text(inputs.imported, file_name or "Imported")
        return self._done(
            names[0] if names else None, texts.PRESETS_IMPORTED, names=", ".join(names)
        )

    def with_errors(
        self, handler: Callable[[PresetInputs], PresetView]
    ) -> Callable[[PresetInputs], PresetView]:
        """Wraps a handler to show the library's errors as status lines."""

        def answer(inputs: PresetInputs) -> PresetView:
            try:
                return handler(inputs)
            except LibraryError as error:
                return PresetView(
                    names=self._library().names(), message=error_html(error), exported=""
                )
            except OSError as error:
                return PresetView(
                    message=error_html(texts.LIBRARY_UNUSABLE, reason=error), exported=""
                )

        return answer

    def _save(self, inputs: PresetInputs) -> PresetView:
        if not inputs.canvas.strip() and not inputs.with_settings:
            return PresetView(message=error_html(texts.NOTHING_TO_SAVE))
        name = checked_name(inputs.new_name)
        try:
            self._library().save(name, inputs.preset)
        except PresetExistsError:
            return PresetView(question=PresetQuestion("replace", name), message="")
        return self._done(name, texts.PRESET_SAVED, name=name)

    def _ask(self, action: PresetAction, inputs: PresetInputs) -> PresetView:
        if not inputs.name:
            return PresetView(message=error_html(texts.CHOOSE_PRESET))
        return PresetView(question=PresetQuestion(action, inputs.name), message="")

    def _done(self, chosen: str | None, text: str, **values: str) -> PresetView:
        names = self._library().names()
        return PresetView(
            names=names, name=chosen, question=False, message=status_html(text, **values)
        )
