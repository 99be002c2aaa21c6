"""Stores the canvas, the picture and a record of each line; a resumed batch reads the records."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_omost import atomic_files
from lib_omost.batch.job_spec import BatchLine

FORMAT = "omost batch"


@dataclass(frozen=True)
class PictureRecord:
    """The record of one line, stored as a JSON file; its fields are the keys of that file.

    A record is written after the files that it names, so these files are complete.

    Attributes:
        line: The line's number when the record was written, from 1.
        fingerprint: The line's fingerprint.
        asked: The line's content when the record was written.
        canvas: Name of the canvas file.
        picture: Name of the picture file, "" until the picture is painted.
        remarks: Sentences for the user about the canvas and the picture.
    """

    line: int
    fingerprint: str
    asked: dict[str, Any]
    canvas: str
    picture: str = ""
    remarks: tuple[str, ...] = ()


class BatchFolder:
    """The output folder of a batch."""

    def __init__(self, path: Path) -> None:
        """Creates the folder if it is missing and reads its records.

        Args:
            path: The folder.

        Raises:
            OSError: The folder cannot be created or read.
        """
        self.path = path
        self.problems: list[str] = []
        """Sentences about files that were found in the folder but cannot be used."""
        path.mkdir(parents=True, exist_ok=True)
        records = filter(None, map(self._read_record, sorted(path.glob("[0-9]*-*.json"))))
        self._records = {record.fingerprint: record for record in records}

    def find(self, line: BatchLine) -> PictureRecord | None:
        """Returns the record of a line, or None if the line has no canvas yet."""
        return self._records.get(line.fingerprint)

    def find_replaced(self, line: BatchLine) -> PictureRecord | None:
        """Returns the record that a line had before it was changed in the file, if any."""
        if self.find(line):
            return None
        records = (record for record in self._records.values() if record.line == line.number)
        return next(records, None)

    def read_canvas(self, line: BatchLine) -> str:
        """Returns the text of a line's canvas; the line must have a record."""
        return (self.path / self._records[line.fingerprint].canvas).read_text(encoding="utf-8")

    def save_canvas(self, line: BatchLine, canvas: str, remarks: Sequence[str] = ()) -> None:
        """Saves the canvas of a line.

        Args:
            line: The line.
            canvas: The text of the canvas.
            remarks: Sentences for the user about the canvas.
        """
        name = f"{line.name}.txt"
        atomic_files.write(self.path / name, canvas.encode())
        content = line.job.to_line()
        record = PictureRecord(line.number, line.fingerprint, content, name, remarks=tuple(remarks))
        self._save_record(record, line.name)

    def save_picture(
        self, line: BatchLine, png: bytes, remarks: Sequence[str] = ()
    ) -> PictureRecord:
        """Saves the picture of a line that has a canvas, which finishes the line.

        Args:
            line: The line.
            png: The PNG file.
            remarks: Sentences for the user about the picture.

        Returns:
            The line's new record.
        """
        record = self._records[line.fingerprint]
        # The line's number may have changed since its canvas was saved.
        stem = Path(record.canvas).stem
        atomic_files.write(self.path / f"{stem}.png", png)
        finished = dataclasses.replace(
            record, picture=f"{stem}.png", remarks=(*record.remarks, *remarks)
        )
        self._save_record(finished, stem)
        return finished

    def _save_record(self, record: PictureRecord, stem: str) -> None:
        data = {"format": FORMAT, **dataclasses.asdict(record)}
        text = json.dumps(data, ensure_ascii=False, indent=1)
        atomic_files.write(self.path / f"{stem}.json", text.encode())
        self._records[record.fingerprint] = record

    def _read_record(self, file: Path) -> PictureRecord | None:
        """Reads a record; returns None for another program's file and for an unusable record."""
        try:
            record = _parse_record(json.loads(file.read_bytes()), file.stem)
            if record is None:
                return None
            (self.path / record.canvas).read_text(encoding="utf-8")
        except FileNotFoundError:
            self.problems.append(f"{file.stem}.txt is missing; its line is made again")
            return None
        except (OSError, ValueError, RecursionError) as error:
            self.problems.append(f"{file.name} cannot be used ({error}); its line is made again")
            return None
        if record.picture and not (self.path / record.picture).is_file():
            self.problems.append(f"{record.picture} is missing; it is painted again")
            return dataclasses.replace(record, picture="")
        return record


def _parse_record(data: object, stem: str) -> PictureRecord | None:
    """Parses the content of a record file.

    A record may only name its own canvas and picture in the same folder. Other names could make
    the batch read or overwrite files elsewhere.

    Args:
        data: The file's JSON value.
        stem: The file's name without its extension.

    Returns:
        The record, or None if another program wrote the file.

    Raises:
        ValueError: The file is damaged or was changed by hand.
    """
    if isinstance(data, dict) and data.get("format") != FORMAT:
        return None
    if not isinstance(data, dict) or set(data) != {"format", *RECORD_TYPES}:
        raise ValueError("it is not the record of a line")
    for name, kind in RECORD_TYPES.items():
        if type(data[name]) is not kind:  # not isinstance: a bool is an int in Python
            raise ValueError(f"its {name!r} has a value of the wrong type: {data[name]!r:.80}")
    if not all(isinstance(remark, str) for remark in data["remarks"]):
        raise ValueError("its remarks are not all texts")
    values = {name: data[name] for name in RECORD_TYPES if name != "remarks"}
    record = PictureRecord(**values, remarks=tuple(data["remarks"]))
    if stem != f"{record.line:04}-{record.fingerprint}":
        raise ValueError("it belongs to another line")
    if record.canvas != f"{stem}.txt" or record.picture not in ("", f"{stem}.png"):
        raise ValueError(f"it names files that are not its own: {record.canvas}, {record.picture}")
    return record


RECORD_TYPES: dict[str, type] = {
    "line": int,
    "fingerprint": str,
    "asked": dict,
    "canvas": str,
    "picture": str,
    "remarks": list,
}
"""The keys of a record file and the types of their values."""
