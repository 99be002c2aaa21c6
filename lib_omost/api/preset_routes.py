"""The canvas library over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException, Path, Query, Response

from lib_omost.api.schemas import ImportedLibrary, NewName, PresetNames, Problem
from lib_omost.api.settings_schema import ExportedLibrary, PresetBody
from lib_omost.presets.preset import (
    DamagedPresetError,
    LibraryError,
    Preset,
    PresetExistsError,
    PresetNotFoundError,
)

if TYPE_CHECKING:
    from lib_omost.presets.library import Library

NAME = Path(title="The preset's name", max_length=200)
REPLACE = Query(False, title="Replace a preset of that name")

MISSING: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "No preset has that name, or its file is damaged."}
}
TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "A preset has that name already."}
}
CLOSED: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "The library's folder cannot be read or written."}
}


class PresetRoutes:
    """The routes; `library` is asked for by each."""

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
        one = "/presets/{name}"
        router.add_api_route("/presets", self.names, summary="List the presets", responses=CLOSED)
        router.add_api_route(
            one,
            self.get,
            summary="Read a preset",
            responses={**MISSING, **CLOSED},
            response_model_exclude_none=True,
        )
        router.add_api_route(
            one,
            self.put,
            methods=["PUT"],
            summary="Save a preset",
            responses={**TAKEN, **CLOSED},
            response_model_exclude_none=True,
        )
        router.add_api_route(
            f"{one}/rename",
            self.rename,
            methods=["POST"],
            summary="Give a preset another name",
            responses={**MISSING, **TAKEN, **CLOSED},
        )
        router.add_api_route(
            one,
            self.delete,
            methods=["DELETE"],
            status_code=204,
            response_class=Response,
            summary="Delete a preset",
            responses={**MISSING, **CLOSED},
        )

        router.add_api_route(
            "/library",
            self.export,
            summary="Export all presets",
            responses={**MISSING, **CLOSED},
            response_model_exclude_none=True,
        )
        router.add_api_route(
            "/library",
            self.bring,
            methods=["POST"],
            summary="Import presets",
            responses={**MISSING, **CLOSED},
        )

    def names(self) -> PresetNames:
        """List the names of all presets in alphabetical order."""
        with _problems():
            return PresetNames(presets=self._library().names())

    def get(self, name: str = NAME) -> PresetBody:
        """Read a preset. The file of a damaged one is kept aside in the library's folder."""
        with _problems():
            return _body(self._library().load(name))

    def put(self, given: PresetBody, name: str = NAME, replace: bool = REPLACE) -> PresetBody:
        """Save a preset; one of that name stays unless it is to be replaced."""
        with _problems():
            self._library().save(name, given.preset(), replace=replace)
        return given

    def rename(self, given: NewName, name: str = NAME) -> PresetNames:
        """Give a preset another name, and list all names."""
        with _problems():
            self._library().rename(name, given.name)
            return PresetNames(presets=self._library().names())

    def delete(self, name: str = NAME) -> Response:
        """Delete a preset."""
        with _problems():
            self._library().delete(name)
        return Response(status_code=204)

    def export(self) -> ExportedLibrary:
        """Export all presets, as the button Export of the page does where none is chosen."""
        with _problems():
            export = self._library().export()
        return ExportedLibrary(**json.loads(export.text), left_out=list(export.left_out))

    def bring(self, given: ImportedLibrary) -> PresetNames:
        """Add presets, and list their names; those that are there stay, equal ones once.

        Where a name is taken by another preset, the imported one has a number behind it. All are
        saved, or none where anything is wrong.
        """
        presets = {name: dict(preset) for name, preset in given.presets.items()}
        exported = {"omost_library": given.omost_library, "presets": presets}
        with _problems():
            return PresetNames(presets=self._library().import_text(json.dumps(exported)))


def _body(preset: Preset) -> PresetBody:
    return PresetBody(canvas=preset.canvas, settings=dict(preset.settings))


@contextmanager
def _problems() -> Iterator[None]:
    """Turn what the library raises into statuses."""
    try:
        yield
    except (PresetNotFoundError, DamagedPresetError) as error:
        raise HTTPException(404, str(error)) from error
    except PresetExistsError as error:
        raise HTTPException(409, f"{error}; ask with ?replace=true to replace it") from error
    except LibraryError as error:
        raise HTTPException(422, str(error)) from error
    except OSError as error:
        raise HTTPException(503, f"The library cannot be used: {error.strerror}") from error
