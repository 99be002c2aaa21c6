"""Runs the work of a batch on the machines of a Ray cluster, one remote task per item."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from logging import WARNING
from pathlib import Path
from typing import Any

from lib_omost.batch.executors import (
    BatchFailure,
    BatchTool,
    Results,
    UnusableToolError,
    process_item,
)

PACKAGE = Path(__file__).parents[1]
"""Folder of this package. Ray copies it to the machines, which need its dependencies installed."""

RAY_MISSING = (
    "Ray is not installed here: run `pip install ray`, with the version of the cluster's machines"
)


def run_on_ray(address: str, tool: BatchTool, items: Mapping[str, Any]) -> Results:
    """Processes items on a Ray cluster.

    Each process of the cluster keeps a loaded tool for its next item. A tool that needs a GPU
    gets one if the cluster has any. Files that the tool names, such as a checkpoint, must have the
    same path on every machine.

    Args:
        address: The cluster's address; "auto" is the cluster of this machine. With this argument
            bound, the function is an Executor.
        tool: The tool.
        items: The items by their keys.

    Raises:
        UnusableToolError: Ray is missing, no cluster answers, or the tool cannot be loaded.
    """
    if importlib.util.find_spec("ray") is None:
        raise UnusableToolError(RAY_MISSING)
    import ray

    environment = {"py_modules": [str(PACKAGE)]}
    try:
        cluster = ray.init(address, runtime_env=environment, logging_level=WARNING)
    except (ray.exceptions.RayError, ConnectionError, ValueError, RuntimeError) as error:
        raise UnusableToolError(f"no Ray cluster answers at {address}: {error}") from error
    with cluster:
        gpus = 1 if tool.needs_gpu and ray.cluster_resources().get("GPU") else 0
        task = ray.remote(num_gpus=gpus)(process_item)
        keys = {task.remote(tool, item): key for key, item in items.items()}
        waiting = list(keys)
        while waiting:
            (done, *_), waiting = ray.wait(waiting)
            yield keys[done], _result(done)


def _result(done: Any) -> Any:
    import ray

    try:
        return ray.get(done)
    except UnusableToolError:  # raised by the task; Ray's class for it inherits from RayError too
        raise
    except ray.exceptions.RayError as error:
        return BatchFailure(f"the Ray cluster failed: {error}")
