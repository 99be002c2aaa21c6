"""The route /omost-probe/batch: runs the page's img2img batch, which the API does not offer."""

from __future__ import annotations

import base64
import io
import sys
from contextlib import closing
from typing import Any

from fastapi import Body
from modules import img2img, processing, script_callbacks, scripts, shared
from modules.api.api import Api
from modules.call_queue import queue_lock

REQUEST = Body(...)


def batch(request: dict[str, Any] = REQUEST) -> dict[str, Any]:
    """Run a batch.

    request: `folder`; `job`, the fields of the host's job; `title` and `argument` of one script.
    """
    with queue_lock:
        shared.state.begin(job="omost-probe-batch")
        try:
            result = in_main_thread(run, request)
        finally:
            shared.state.end()
    pictures = [encoded(picture) for picture in result.images]
    return {"images": pictures, "comments": result.comments.splitlines()}


def run(request: dict[str, Any]) -> Any:
    runner = scripts.scripts_img2img
    arguments = Api.init_default_script_args(None, runner)
    script = next(s for s in runner.scripts if s.title() == request["title"])
    arguments[script.args_from] = request["argument"]
    job = {"sd_model": shared.sd_model, "init_images": [None], **request["job"]}
    if not hasattr(processing.StableDiffusionProcessing, "scheduler"):
        job.pop("scheduler", None)  # Forge Classic's samplers have theirs in their names
    with closing(processing.StableDiffusionProcessingImg2Img(**job)) as p:
        p.is_api = True  # or the page's default steps and sampler would replace the job's
        p.scripts, p.script_args = runner, arguments
        return img2img.process_batch(p, request["folder"], "", "", arguments)


def in_main_thread(function: Any, *args: Any) -> Any:
    """Call a function where the host samples: Forge does so in its main thread alone."""
    main_thread = getattr(sys.modules.get("modules_forge"), "main_thread", None)
    if main_thread is None:
        return function(*args)
    return main_thread.run_and_wait_result(function, *args)


def encoded(picture: Any) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def on_app_started(demo: Any, app: Any) -> None:
    app.add_api_route("/omost-probe/batch", batch, methods=["POST"])


script_callbacks.on_app_started(on_app_started)
