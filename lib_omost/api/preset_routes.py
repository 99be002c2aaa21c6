"""The API's routes of the canvas library."""

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
    """Routes that read and change presets.

    Args:
        library: Returns the canvas library. Each request calls it.
    """

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library

    def add_to(self, router: APIRouter) -> None:
        """Adds the routes to a router."""
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
            summary="Rename a preset",
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
            self.import_presets,
            methods=["POST"],
            summary="Import presets",
            responses={**MISSING, **CLOSED},
        )

    def names(self) -> PresetNames:
        """List the names of all presets in alphabetical order."""
        with _http_errors():
            return PresetNames(presets=self._library().names())

    def get(self, name: str = NAME) -> PresetBody:
        """Read a preset. The file of a damaged preset is renamed within the library's folder."""
        with _http_errors():
            return _preset_body(self._library().load(name))

    def put(self, body: PresetBody, name: str = NAME, replace: bool = REPLACE) -> PresetBody:
        """Save a preset. An existing preset of the name is only replaced with ?replace=true."""
        with _http_errors():
            self._library().save(name, body.preset(), replace=replace)
        return body

    def rename(self, body: NewName, name: str = NAME) -> PresetNames:
        """Rename a preset and list all names."""
        with _http_errors():
            self._library().rename(name, body.name)
            return PresetNames(presets=self._library().names())

    def delete(self, name: str = NAME) -> Response:
        """Delete a preset."""
        with _http_errors():
            self._library().delete(name)
        return Response(status_code=204)

    def export(self) -> ExportedLibrary:
        """Export all presets, like the page's button Export while no preset is chosen."""
        with _http_errors():
            export = self._library().export()
        return ExportedLibrary(**json.loads(export.text), left_out=list(export.left_out))

    def import_presets(self, body: ImportedLibrary) -> PresetNames:
        """Import presets and list their names in the library.

        Existing presets stay. An imported preset gets a number after its name if a different
        preset has the name. An equal preset is not saved twice. If one preset is invalid, none is
        saved.
        """
        presets = {name: dict(preset) for name, preset in body.presets.items()}
        exported = {"omost_library": body.omost_library, "presets": presets}
        with _http_errors():
            return PresetNames(presets=self._library().import_text(json.dumps(exported)))


def _preset_body(preset: Preset) -> PresetBody:
    return PresetBody(canvas=preset.canvas, settings=dict(preset.settings))


@contextmanager
def _http_errors() -> Iterator[None]:
    """Converts the library's errors into HTTP errors with a status."""
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
