"""Every mutant can be made, and is noticed; the runner of the mutants cannot be fooled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conformance.checks import in_order
from tests.conformance.host_process import ROOT, WebUI
from tests.conformance.mutants.mutant import Mutant, StaleError, copy_extension
from tests.conformance.mutants.runs import FAILED, Runner, judge
from tests.conformance.mutants.sabotages import MUTANTS

MUTANT = Mutant("wrong sum", "sums.py", "a + b", "a - b", {"sum": "not 3"}, "test_sums.py")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small program with a test."""
    (tmp_path / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    (tmp_path / "test_sums.py").write_text(
        "from sums import add\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    )
    return tmp_path


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "sd-webui-omost"
    copy_extension(folder)
    return folder


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_no_mutant_is_stale(mutant: Mutant) -> None:
    assert mutant.text(ROOT) != (ROOT / mutant.file).read_text(encoding="utf-8")


def test_every_mutant_names_checks_that_exist() -> None:
    models = {check.name: check.models for check in in_order()}
    for mutant in MUTANTS:
        assert mutant.checks, mutant.name
        assert all(mutant.model in models[name] for name in mutant.checks), mutant.name
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    "mutant", [mutant for mutant in MUTANTS if mutant.test], ids=lambda mutant: mutant.name
)
def test_a_test_notices_the_mutant(mutant: Mutant, copy: Path) -> None:
    verdict = Runner(copy).run_test(mutant)
    assert verdict.state == "caught", verdict.seen


def test_a_fault_is_made_once_and_removed(root: Path) -> None:
    with MUTANT.applied(root):
        assert (root / "sums.py").read_text() == "def add(a, b):\n    return a - b\n"
    assert (root / "sums.py").read_text() == "def add(a, b):\n    return a + b\n"


@pytest.mark.parametrize(("old", "times"), [("a * b", 0), ("a", 3)])
def test_a_mutant_whose_text_is_not_there_once_is_stale(root: Path, old: str, times: int) -> None:
    mutant = replace(MUTANT, old=old)
    with pytest.raises(StaleError, match=f"occurs {times} times in sums.py"):
        mutant.text(root)
    assert Runner(root).run_test(mutant).state == "stale"


@pytest.mark.parametrize(
    ("new", "state"),
    [
        ("a - b", "caught"),
        ("b + a", "missed"),
        ("a + c", "not run"),  # NameError: the fault itself is broken
        ("a +", "not run"),
    ],
)
def test_only_a_failed_assertion_notices_a_fault(root: Path, new: str, state: str) -> None:
    assert Runner(root).run_test(replace(MUTANT, new=new)).state == state


def test_a_failure_is_recognised_in_the_summary() -> None:
    assert FAILED.search("FAILED test_sums.py::test_add - assert -1 == 3")
    assert FAILED.search("FAILED test_sums.py::test_add - AssertionError: Tensor-likes differ")
    assert FAILED.search("FAILED test_sums.py::test_add - Failed: DID NOT RAISE")
    assert not FAILED.search("FAILED test_sums.py::test_add - NameError: name 'c' is not defined")


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"sum": {"state": "red", "seen": "-1 is not 3"}}, "caught"),
        ({"sum": {"state": "green", "seen": "3"}}, "missed"),
        ({"sum": {"state": "red", "seen": "StartError: the host ended with 1"}}, "not run"),
        ({"sum": {"state": "absent", "seen": "no numbers"}}, "not run"),
        ({}, "not run"),
    ],
)
def test_a_check_must_be_red_for_the_expected_reason(cells: dict, state: str) -> None:
    assert judge(MUTANT, cells).state == state


def test_a_check_that_is_red_without_the_fault_proves_nothing(root: Path) -> None:
    verdict = Runner(root).run_checks(MUTANT, {"sum": {"state": "red", "seen": "2 is not 3"}})
    assert (verdict.state, verdict.seen) == ("not run", "sum without the fault: 2 is not 3")


def test_a_host_has_only_the_mutants_of_its_adapter(tmp_path: Path) -> None:
    adapters = {"a1111": "lib_omost/hosts/a1111/x.py", "forge": "lib_omost/hosts/forge/x.py"}
    a1111 = WebUI(tmp_path / "a1111", Path("python"))
    forge = WebUI(tmp_path / "forge", Path("python"))
    (forge.folder / "modules_forge").mkdir(parents=True)
    for webui, other in ((a1111, "forge"), (forge, "a1111")):
        fits = {name: replace(MUTANT, file=file).is_for(webui) for name, file in adapters.items()}
        assert fits == {"a1111": other == "forge", "forge": other == "a1111"}
        assert MUTANT.is_for(webui)
    of_forge = replace(MUTANT, host="Forge")
    assert [of_forge.is_for(webui) for webui in (a1111, forge)] == [False, True]
