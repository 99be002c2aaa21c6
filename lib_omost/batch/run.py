"""Runs or resumes a batch: composes the missing canvases, then paints the missing pictures.

With two stages the language model and the image model are not in memory at the same time, and each
process loads each model once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from lib_omost.batch.composer import CanvasComposer
from lib_omost.batch.executors import BatchFailure, BatchTool, Executor
from lib_omost.batch.folder import BatchFolder
from lib_omost.batch.job_spec import BatchLine


@dataclass(frozen=True)
class Batch:
    """A batch that can start.

    Attributes:
        lines: The lines of the file.
        folder: The output folder.
        composer: Composes a canvas from a JobSpec with a request.
        painter: Paints a picture from a JobSpec with a canvas.
        executor: Runs both.
        report: Prints a line of text for the user.
    """

    lines: Sequence[BatchLine]
    folder: BatchFolder
    composer: CanvasComposer
    painter: BatchTool
    executor: Executor
    report: Callable[[str], None]

    def run(self) -> list[BatchLine]:
        """Makes all pictures that are missing.

        Returns:
            The lines that failed, in the order of the file.

        Raises:
            UnusableToolError: A model cannot be loaded or a server cannot be reached.
            OSError: A file cannot be written. Canvases and pictures saved before stay.
        """
        self._report_found()
        failed = [*self._compose(), *self._paint()]
        return sorted(failed, key=lambda line: line.number)

    def _report_found(self) -> None:
        """Reports what an earlier run left in the folder."""
        for problem in self.folder.problems:
            self.report(problem)
        records = [self.folder.find(line) for line in self.lines]
        finished = sum(bool(record and record.picture) for record in records)
        if finished:
            self.report(f"{finished} of {len(self.lines)} pictures are there already")
        for line in self.lines:
            replaced = self.folder.find_replaced(line)
            if replaced:
                file = replaced.picture or replaced.canvas
                self.report(f"line {line.number} has changed: it is made anew, and {file} is kept")

    def _compose(self) -> Iterator[BatchLine]:
        """Saves a canvas for every line without one; yields the lines that fail."""
        missing = [line for line in self.lines if self.folder.find(line) is None]
        for line in missing:
            if line.job.canvas:
                self.folder.save_canvas(line, line.job.canvas)
        requests = {line: line.job for line in missing if line.job.request}
        for line, composed, count in self._process(self.composer, requests):
            if isinstance(composed, BatchFailure):
                yield line
            else:
                self.folder.save_canvas(line, composed.text, composed.remarks)
                self._report_line(count, line, "composed", composed.remarks)

    def _paint(self) -> Iterator[BatchLine]:
        """Saves a picture for every line that has only a canvas; yields the lines that fail."""
        jobs = {
            line: replace(line.job, canvas=self.folder.read_canvas(line))
            for line in self.lines
            if (record := self.folder.find(line)) and not record.picture
        }
        for line, picture, count in self._process(self.painter, jobs):
            if isinstance(picture, BatchFailure):
                yield line
            else:
                record = self.folder.save_picture(line, picture.png, picture.remarks)
                self._report_line(count, line, record.picture, picture.remarks)

    def _process(
        self, tool: BatchTool, jobs: Mapping[BatchLine, Any]
    ) -> Iterator[tuple[BatchLine, Any, str]]:
        """Processes lines with a tool and reports failures.

        Yields:
            Each line with its result or BatchFailure, and the progress, such as "[2/7]".
        """
        if not jobs:
            return
        lines = {line.fingerprint: line for line in jobs}
        items = {line.fingerprint: job for line, job in jobs.items()}
        with closing(self.executor(tool, items)) as results:
            for number, (key, result) in enumerate(results, start=1):
                count = f"[{number}/{len(jobs)}]"
                if isinstance(result, BatchFailure):
                    self._report_line(count, lines[key], f"failed: {result.message}")
                yield lines[key], result, count

    def _report_line(
        self, count: str, line: BatchLine, text: str, remarks: Sequence[str] = ()
    ) -> None:
        self.report(f"{count} line {line.number}: {text}")
        for remark in remarks:
            self.report(f"  {remark}")
