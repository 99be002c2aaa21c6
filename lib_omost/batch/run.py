"""A whole batch: first every request is composed, then every canvas is painted.

So the language model and the image model need not be in memory at the same time, and each is
loaded once by each process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from lib_omost.batch.composer import CanvasComposer
from lib_omost.batch.executors import BatchFailure, BatchTool, Workers
from lib_omost.batch.folder import BatchFolder
from lib_omost.batch.job_spec import BatchLine
from lib_omost.batch.painter import PictureRequest


@dataclass(frozen=True)
class Batch:
    """What is to be made of lines, where, and by whom; say: tells the user a line of text."""

    lines: Sequence[BatchLine]
    folder: BatchFolder
    composing: CanvasComposer
    painting: BatchTool
    workers: Workers
    say: Callable[[str], None]

    def run(self) -> list[BatchLine]:
        """Make what is not made yet; return the lines that failed.

        Raises UnusableToolError and OSError; what is finished by then is kept.
        """
        self._report_former()
        failed = [*self._compose(), *self._paint()]
        return sorted(failed, key=lambda line: line.number)

    def _report_former(self) -> None:
        for problem in self.folder.problems:
            self.say(problem)
        records = [self.folder.find(line) for line in self.lines]
        done = sum(bool(record and record.picture) for record in records)
        if done:
            self.say(f"{done} of {len(self.lines)} pictures are there already")
        for line in self.lines:
            former = self.folder.former(line)
            if former:
                kept = former.picture or former.canvas
                self.say(f"line {line.number} has changed: it is made anew, and {kept} is kept")

    def _compose(self) -> Iterator[BatchLine]:
        """Have a canvas for every line; yield the lines that have none."""
        missing = [line for line in self.lines if self.folder.find(line) is None]
        for line in missing:
            if line.wanted.canvas:
                self.folder.keep_canvas(line, line.wanted.canvas)
        requests = {line: line.wanted for line in missing if line.wanted.request}
        for line, composed, count in self._work(self.composing, requests):
            if isinstance(composed, BatchFailure):
                yield line
            else:
                self.folder.keep_canvas(line, composed.text, composed.remarks)
                self._tell(count, line, "composed", composed.remarks)

    def _paint(self) -> Iterator[BatchLine]:
        """Have a picture for every line that has a canvas; yield those where that failed."""
        canvases = {
            line: PictureRequest(line.wanted, self.folder.canvas(line))
            for line in self.lines
            if (record := self.folder.find(line)) and not record.picture
        }
        for line, picture, count in self._work(self.painting, canvases):
            if isinstance(picture, BatchFailure):
                yield line
            else:
                record = self.folder.keep_picture(line, picture.png, picture.remarks)
                self._tell(count, line, record.picture, picture.remarks)

    def _work(
        self, tool: BatchTool, items: Mapping[BatchLine, Any]
    ) -> Iterator[tuple[BatchLine, Any, str]]:
        """Yield each line with its result, and how many there are by now; tell of failures."""
        if not items:
            return
        lines = {line.fingerprint: line for line in items}
        by_key = {line.fingerprint: item for line, item in items.items()}
        with closing(self.workers(tool, by_key)) as results:
            for number, (key, result) in enumerate(results, start=1):
                count = f"[{number}/{len(items)}]"
                if isinstance(result, BatchFailure):
                    self._tell(count, lines[key], f"failed: {result.message}")
                yield lines[key], result, count

    def _tell(self, count: str, line: BatchLine, what: str, remarks: Sequence[str] = ()) -> None:
        self.say(f"{count} line {line.number}: {what}")
        for remark in remarks:
            self.say(f"  {remark}")
