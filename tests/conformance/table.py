"""Writes the tables of docs/conformance.md: `python -m tests.conformance.table [FILE ...]`.

Each FILE is the `--json` of a run of the checks. Its results are stored in docs/conformance/, one
file for each commit of a host, and replace older results of the same checks.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.conformance.checks import in_order
from tests.conformance.host_process import ROOT
from tests.conformance.report import SIGNS, State, row

FOLDER = ROOT / "docs" / "conformance"
DOCUMENT = ROOT / "docs" / "conformance.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
FACTS = ("name", "version", "commit", "python", "torch", "gradio", "transformers")
NOT_RUN = "·"


class TableError(Exception):
    """A run cannot be stored; the message says why."""


@dataclass(frozen=True)
class Result:
    """What came of one check with one checkpoint, when, and at which commit of this repository."""

    name: str
    checkpoint: str
    state: State
    seen: str
    date: str
    omost: str


@dataclass
class Host:
    """The stored results of one commit of a host.

    Attributes:
        facts: Name, version and commit of the host, and the versions of its packages.
        results: The newest result of each check with each checkpoint.
    """

    facts: dict[str, str]
    results: dict[tuple[str, str], Result]

    @property
    def title(self) -> str:
        """The host's name, version and short commit."""
        return f"{self.facts['name']} {self.facts['version']} ({self.facts['commit'][:8]})"

    def of_check(self, name: str) -> list[Result]:
        """Returns the results of a check, one for each checkpoint."""
        return [result for result in self.results.values() if result.name == name]

    def add(self, run: Host) -> None:
        """Replaces results by those of a newer run.

        Raises:
            TableError: The run was made with other packages.
        """
        if run.facts != self.facts:
            stored = file_of(self.facts)
            raise TableError(
                f"{stored.name} was made with {self.facts}, this run with {run.facts}; "
                "to begin anew, delete that file"
            )
        self.results.update(run.results)


def file_of(facts: dict[str, str]) -> Path:
    """Returns the file that stores the results of a host."""
    return FOLDER / f"{facts['name'].lower().replace(' ', '-')}-{facts['commit'][:8]}.json"


def read_host(data: dict[str, Any]) -> Host:
    """Reads a stored file, or a column of a run's JSON, which names its checkpoint once.

    Raises:
        TableError: A fact about the host is missing.
    """
    missing = [fact for fact in FACTS if fact not in data]
    if missing:
        raise TableError(f"the run knows nothing of its host's {', '.join(missing)}")
    results = [
        Result(
            name=check["name"],
            checkpoint=check.get("checkpoint") or data["checkpoint"],
            state=check["state"],
            seen=check["seen"],
            date=check["date"],
            omost=check["omost"],
        )
        for check in data["checks"]
    ]
    facts = {fact: data[fact] for fact in FACTS}
    return Host(facts, {(result.name, result.checkpoint): result for result in results})


def stored_hosts() -> list[Host]:
    """Returns all hosts with stored results, by name."""
    files = sorted(FOLDER.glob("*.json"))
    return [read_host(json.loads(file.read_text("utf-8"))) for file in files]


def store(run: Host) -> None:
    """Adds the results of a run to the stored ones of the same host.

    Raises:
        TableError: The stored ones were made with other packages.
    """
    file = file_of(run.facts)
    host = read_host(json.loads(file.read_text("utf-8"))) if file.exists() else run
    host.add(run)
    checks = [json.dumps(asdict(result), ensure_ascii=False) for result in host.results.values()]
    facts = [f"{json.dumps(fact)}: {json.dumps(text)}" for fact, text in host.facts.items()]
    listed = ",\n".join(f"  {check}" for check in checks)
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        "{\n" + "".join(f" {fact},\n" for fact in facts) + f' "checks": [\n{listed}\n ]\n}}\n',
        encoding="utf-8",
    )


def tables(hosts: list[Host]) -> str:
    """Returns the tables of hosts and of checks, and the reasons of cells that are not green."""
    lines = [*summary(hosts), "", *check_rows(hosts), "", *reasons(hosts)]
    return "\n".join(lines).rstrip() + "\n"


def summary(hosts: list[Host]) -> Iterator[str]:
    """Yields the table of hosts, with versions, dates and counts."""
    counts = [Counter(result.state for result in listed(host)) for host in hosts]
    yield row(["", *(host.title for host in hosts)])
    yield row(["---"] * (len(hosts) + 1))
    for fact in ("python", "torch", "gradio", "transformers"):
        yield row([fact.capitalize(), *(host.facts[fact] for host in hosts)])
    yield row(["Checkpoints", *(", ".join(checkpoints(host)) for host in hosts)])
    for state in SIGNS:
        yield row([state.capitalize(), *(str(count[state]) for count in counts)])
    yield row(["Checked", *(checked(host) for host in hosts)])


def checkpoints(host: Host) -> list[str]:
    """Returns the names of a host's checkpoints, in the order of the runs."""
    return list(dict.fromkeys(result.checkpoint for result in listed(host)))


def checked(host: Host) -> str:
    """Returns the days of the results, with the commit of this repository and their number."""
    runs = Counter((result.date.split()[0], result.omost) for result in listed(host))
    return ", ".join(f"{number} on {day} at {omost}" for (day, omost), number in runs.items())


def check_rows(hosts: list[Host]) -> Iterator[str]:
    """Yields the table of checks: a row for each check that some host has run."""
    yield row(["Check", *(host.title for host in hosts)])
    yield row(["---"] * (len(hosts) + 1))
    for check in in_order():
        cells = [cell(host.of_check(check.name)) for host in hosts]
        if any(signs != NOT_RUN for signs in cells):
            yield row([f"{check.sentence} (`{check.name}`)", *cells])


def cell(results: list[Result]) -> str:
    """Returns the sign of a check: one sign for all checkpoints if their states agree."""
    states = dict.fromkeys(result.state for result in results)
    if len(states) < 2:
        return "".join(SIGNS[state] for state in states) or NOT_RUN
    return ", ".join(f"{SIGNS[result.state]} {result.checkpoint}" for result in results)


def reasons(hosts: list[Host]) -> Iterator[str]:
    """Yields a line for each result that is not green."""
    for host in hosts:
        for result in listed(host):
            if result.state != "green":
                seen = textwrap.shorten(result.seen, 300, placeholder=" …").replace("<", "&lt;")
                where = f"`{result.name}`, {host.title}, {result.checkpoint}"
                yield f"- {where}: {result.state}: {seen}"


def listed(host: Host) -> list[Result]:
    """Returns the results of a host without those of checks that no longer exist."""
    names = {check.name for check in in_order()}
    return [result for result in host.results.values() if result.name in names]


def with_tables(document: str, hosts: list[Host]) -> str:
    """Returns a document in which the tables between the two marks are current."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{tables(hosts)}\n{END}{after}"


def store_files(files: Iterable[Path]) -> None:
    """Stores the results of runs.

    Raises:
        TableError: A run knows too little of its host, or was made with other packages.
    """
    for file in files:
        for column in json.loads(file.read_text("utf-8"))["hosts"]:
            store(read_host(column))


def main() -> None:
    """Stores the runs that the command line names, and writes the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.table", description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="a run's --json")
    try:
        store_files(parser.parse_args().files)
    except TableError as error:
        sys.exit(str(error))
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text("utf-8"), stored_hosts()), "utf-8")


if __name__ == "__main__":
    main()
