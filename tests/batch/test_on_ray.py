"""A cluster of this machine alone; `make test-slow` installs Ray."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib_omost.batch.on_ray import on_ray
from lib_omost.batch.work import Failure, UnusableToolError
from tests.batch.tools import Upper

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address():
    pytest.importorskip("ray", reason="Ray is missing: pip install ray")
    ray = shutil.which("ray", path=str(Path(sys.executable).parent))
    subprocess.run([ray, "start", "--head", "--port=6399", "--include-dashboard=false"], check=True)
    yield "127.0.0.1:6399"
    subprocess.run([ray, "stop", "--force"], check=True)


def test_each_item_has_its_result_or_its_failure(address, tmp_path):
    items = {"0": "a", "1": "fail", "2": "b"}
    results = dict(on_ray(address, Upper(tmp_path), items))
    assert results == {"0": "A", "1": Failure("it cannot be done"), "2": "B"}


def test_a_process_that_dies_loses_no_line(address, tmp_path):
    results = dict(on_ray(address, Upper(tmp_path), {"0": "die once", "1": "a"}))
    assert results == {"0": "DIE ONCE", "1": "A"}


def test_a_tool_that_cannot_be_made_ends_the_work(address, tmp_path):
    with pytest.raises(UnusableToolError, match="no such model"):
        dict(on_ray(address, Upper(tmp_path, usable=False), {"0": "a"}))


def test_a_cluster_that_is_not_there_is_said(tmp_path):
    pytest.importorskip("ray", reason="Ray is missing: pip install ray")
    with pytest.raises(UnusableToolError, match="no Ray cluster answers"):
        dict(on_ray("127.0.0.1:9", Upper(tmp_path), {"0": "a"}))
