"""Tests on a Ray cluster of this machine; `make test-slow` installs Ray."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from lib_omost.batch.executors import BatchFailure, UnusableToolError
from lib_omost.batch.ray_executor import run_on_ray
from tests.batch.tools import Upper
from tests.page.conftest import free_port

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address():
    """Starts a cluster of this machine that requires a token."""
    if find_spec("ray") is None:  # not imported yet: it reads the environment when it is
        pytest.skip("Ray is missing: pip install ray")
    ray = shutil.which("ray", path=str(Path(sys.executable).parent))
    place = f"127.0.0.1:{free_port()}"
    options = ["--head", "--block", "--include-dashboard=false"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patch.setenv("PYTHONPATH", str(ROOT))  # the tools of these tests
        head = subprocess.Popen([ray, "start", *options, f"--port={place.split(':')[1]}"])
        try:
            yield place
        finally:
            head.terminate()
            head.wait(60)


def test_each_item_has_its_result_or_its_failure(address, tmp_path):
    items = {"0": "a", "1": "fail", "2": "b"}
    results = dict(run_on_ray(address, Upper(tmp_path), items))
    assert results == {"0": "A", "1": BatchFailure("it cannot be done"), "2": "B"}


def test_a_process_that_dies_loses_no_line(address, tmp_path):
    results = dict(run_on_ray(address, Upper(tmp_path), {"0": "die once", "1": "a"}))
    assert results == {"0": "DIE ONCE", "1": "A"}


def test_a_tool_that_cannot_be_made_ends_the_work(address, tmp_path):
    with pytest.raises(UnusableToolError, match="no such model"):
        dict(run_on_ray(address, Upper(tmp_path, usable=False), {"0": "a"}))
