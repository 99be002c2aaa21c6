"""The pictures that the page has saved: their list, files and thumbnails, over HTTP."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Response
from PIL import Image

from lib_omost.ui.standalone_texts import PICTURE_REMOVED

PREFIX = "/omost/history"

MAX_ENTRIES = 200
"""Number of the newest pictures that the list contains."""

THUMBNAIL = (160, 160)
"""Greatest width and height of a thumbnail in pixels."""

FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A saved picture never changes."""

NAME = re.compile(r"\d{4}-\d{2}-\d{2}/(?P<number>\d{5,})-(?P<seed>\d+)\.png")
"""Matches the name of a picture: its day, its number within the day, its seed."""


@dataclass(frozen=True)
class PictureHistory:
    """The pictures in the page's folder.

    Attributes:
        folder: The folder of all pictures; each day has its own folder in it.
    """

    folder: Path

    def names(self) -> list[str]:
        """Returns the names of the newest pictures, the newest first."""
        names: list[str] = []
        for day in sorted(self.folder.glob("????-??-??"), reverse=True):
            matches = [NAME.fullmatch(f"{day.name}/{file.name}") for file in day.iterdir()]
            found = [match for match in matches if match]
            found.sort(key=lambda match: int(match["number"]), reverse=True)
            names += [match[0] for match in found]
            if len(names) >= MAX_ENTRIES:
                break
        return names[:MAX_ENTRIES]

    def find(self, name: str) -> Path:
        """Returns the file of a picture.

        Raises:
            ValueError: There is no picture of this name; the message is for the visitor.
        """
        file = self.folder / name
        if not NAME.fullmatch(name) or not file.is_file():
            raise ValueError(PICTURE_REMOVED)
        return file

    def thumbnail(self, name: str) -> bytes:
        """Returns a small JPEG of a picture.

        Raises:
            ValueError: There is no picture of this name, or its file is damaged.
        """
        jpeg = io.BytesIO()
        try:
            with Image.open(self.find(name)) as picture:
                small = picture.convert("RGB")
                small.thumbnail(THUMBNAIL)
                small.save(jpeg, format="JPEG", quality=85)
        except OSError as error:
            raise ValueError(f"This file is not a readable picture: {error}") from error
        return jpeg.getvalue()


def add_history_routes(app: FastAPI, history: PictureHistory) -> None:
    """Adds the routes of the history to the page's app."""
    router = APIRouter(prefix=PREFIX, tags=["Pictures"])

    def names() -> list[dict[str, Any]]:
        """The names and seeds of the newest pictures."""
        return [{"name": name, "seed": seed_of(name)} for name in history.names()]

    def thumbnail(day: str, file: str) -> Response:
        """A small JPEG of a picture."""
        try:
            data = history.thumbnail(f"{day}/{file}")
        except ValueError as error:
            raise HTTPException(404, str(error)) from error
        return Response(data, media_type="image/jpeg", headers=FOREVER)

    def picture(day: str, file: str) -> Response:
        """A picture as it was saved, for a download."""
        try:
            path = history.find(f"{day}/{file}")
        except ValueError as error:
            raise HTTPException(404, str(error)) from error
        disposition = {"Content-Disposition": f'attachment; filename="{day}-{file}"'}
        return Response(
            path.read_bytes(), media_type="image/png", headers={**FOREVER, **disposition}
        )

    router.get("/pictures")(names)
    router.get("/thumbnails/{day}/{file}", response_class=Response)(thumbnail)
    router.get("/pictures/{day}/{file}", response_class=Response)(picture)
    app.include_router(router)


def seed_of(name: str) -> int:
    """Returns the seed in the name of a picture."""
    match = NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name} is not the name of a picture")
    return int(match["seed"])
