"""The work on the machines of a Ray cluster: one remote task an item, the rest is Ray's."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from logging import WARNING
from pathlib import Path
from typing import Any

from lib_omost.batch.executors import BatchFailure, BatchTool, Results, UnusableToolError, work

PACKAGE = Path(__file__).parents[1]
"""Sent to the machines, which need the packages that it imports."""

MISSING = "Ray is not installed here: `pip install ray`, as on the cluster's machines"


def on_ray(address: str, tool: BatchTool, items: Mapping[str, Any]) -> Results:
    """Work on the cluster at an address, "auto" for the one on this machine (work.Workers).

    A process of the cluster keeps what it has loaded for its next item. A model that is worth a
    graphics card gets one where the cluster has any. Files that the tool names, such as a
    checkpoint, must lie at the same place on each machine.
    """
    if importlib.util.find_spec("ray") is None:
        raise UnusableToolError(MISSING)
    import ray

    sent = {"py_modules": [str(PACKAGE)]}
    try:
        cluster = ray.init(address, runtime_env=sent, logging_level=WARNING)
    except (ray.exceptions.RayError, ConnectionError, ValueError, RuntimeError) as error:
        raise UnusableToolError(f"no Ray cluster answers at {address}: {error}") from error
    with cluster:
        gpus = 1 if tool.on_gpu and ray.cluster_resources().get("GPU") else 0
        task = ray.remote(num_gpus=gpus)(work)
        keys = {task.remote(tool, item): key for key, item in items.items()}
        waiting = list(keys)
        while waiting:
            (done, *_), waiting = ray.wait(waiting)
            yield keys[done], _result(done)


def _result(done: Any) -> Any:
    import ray

    try:
        return ray.get(done)
    except UnusableToolError:  # Ray's own error is one too, where the task raised it
        raise
    except ray.exceptions.RayError as error:
        return BatchFailure(f"Ray could not do it: {error}")
