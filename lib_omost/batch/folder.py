"""The folder of a batch: for each line a canvas, a picture, and a record that says what is done."""

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
    """What was made of a line, whose number and words are those of when it was made.

    canvas, picture: names of files; picture is "" while it is missing. The record is written after
    them: what it names is there, and whole.
    """

    line: int
    fingerprint: str
    asked: dict[str, Any]
    canvas: str
    picture: str = ""
    remarks: tuple[str, ...] = ()


class BatchFolder:
    """The folder, which is made where it is not there. Raises OSError.

    problems: what could not be used of what lay in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        path.mkdir(parents=True, exist_ok=True)
        records = filter(None, map(self._read, sorted(path.glob("[0-9]*-*.json"))))
        self._records = {record.fingerprint: record for record in records}

    def find(self, line: BatchLine) -> PictureRecord | None:
        """The record of a line, None where nothing is done for it, or what was done is gone."""
        return self._records.get(line.fingerprint)

    def former(self, line: BatchLine) -> PictureRecord | None:
        """The record of what stood in this line before it was changed, None where there is none."""
        records = (record for record in self._records.values() if record.line == line.number)
        return None if self.find(line) else next(records, None)

    def canvas(self, line: BatchLine) -> str:
        """The canvas of a line that has one, as text."""
        return (self.path / self._records[line.fingerprint].canvas).read_text(encoding="utf-8")

    def keep_canvas(self, line: BatchLine, canvas: str, remarks: Sequence[str] = ()) -> None:
        """Keep the canvas that a line's picture is to follow."""
        name = f"{line.name}.txt"
        atomic_files.write(self.path / name, canvas.encode())
        asked = line.wanted.to_line()
        record = PictureRecord(line.number, line.fingerprint, asked, name, remarks=tuple(remarks))
        self._keep(record, line.name)

    def keep_picture(
        self, line: BatchLine, png: bytes, remarks: Sequence[str] = ()
    ) -> PictureRecord:
        """Keep a line's picture; with it the line is done."""
        record = self._records[line.fingerprint]
        stem = Path(record.canvas).stem  # where lines were put in since, its number is an old one
        atomic_files.write(self.path / f"{stem}.png", png)
        done = dataclasses.replace(
            record, picture=f"{stem}.png", remarks=(*record.remarks, *remarks)
        )
        self._keep(done, stem)
        return done

    def _keep(self, record: PictureRecord, stem: str) -> None:
        data = {"format": FORMAT, **dataclasses.asdict(record)}
        text = json.dumps(data, ensure_ascii=False, indent=1)
        atomic_files.write(self.path / f"{stem}.json", text.encode())
        self._records[record.fingerprint] = record

    def _read(self, file: Path) -> PictureRecord | None:
        """Read a record, None where it is none of ours, or its line is to be made again."""
        try:
            record = _record(json.loads(file.read_bytes()), file.stem)
            if record is None:
                return None
            (self.path / record.canvas).read_text(encoding="utf-8")
        except FileNotFoundError:
            self.problems.append(f"{file.stem}.txt is gone; its line is made again")
            return None
        except (OSError, ValueError, RecursionError) as error:
            self.problems.append(f"{file.name} cannot be used ({error}); its line is made again")
            return None
        if record.picture and not (self.path / record.picture).is_file():
            self.problems.append(f"{record.picture} is gone; it is painted again")
            return dataclasses.replace(record, picture="")
        return record


def _record(data: object, stem: str) -> PictureRecord | None:
    """Check what a record's file holds; stem: how the names of its line's files begin.

    Returns None for another program's file. Raises ValueError for a record that cannot be ours: it
    names its own canvas and picture and no other file, in this folder or elsewhere.
    """
    if isinstance(data, dict) and data.get("format") != FORMAT:
        return None
    if not isinstance(data, dict) or set(data) != {"format", *FIELDS}:
        raise ValueError("it is no record")
    for name, kind in FIELDS.items():
        if type(data[name]) is not kind:  # to Python true is a number
            raise ValueError(f"its {name!r} is not what it should be: {data[name]!r:.80}")
    if not all(isinstance(remark, str) for remark in data["remarks"]):
        raise ValueError("its remarks are not all texts")
    values = {name: data[name] for name in FIELDS if name != "remarks"}
    record = PictureRecord(**values, remarks=tuple(data["remarks"]))
    if stem != f"{record.line:04}-{record.fingerprint}":
        raise ValueError("it is of another line")
    if record.canvas != f"{stem}.txt" or record.picture not in ("", f"{stem}.png"):
        raise ValueError(f"it names other files than its own: {record.canvas}, {record.picture}")
    return record


FIELDS: dict[str, type] = {
    "line": int,
    "fingerprint": str,
    "asked": dict,
    "canvas": str,
    "picture": str,
    "remarks": list,
}
"""The keys of a record and the types of their values."""
