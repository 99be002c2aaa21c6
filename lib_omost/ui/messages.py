"""Progress and error messages of other modules, for translators; they are filled in already.

Other messages of jobs, canvases and language models stay in English, as in the API.
"""

from __future__ import annotations

MESSAGES = (
    "Sampling, step {step} of {count}",
    "Loading the image model",
    "Reading the canvas",
    "Reading the conversation",
    "Waiting for the picture to be finished",
    "Waiting for another answer to be finished",
    "Waiting for another answer to end",
    "Making room in memory",
    "Unloading the model that was used before",
    "Connecting, to download {name}",
    "This file is not a readable picture: {reason}",
    "This file has no infotext; choose an original picture from a WebUI or this page",
)
"""The messages; braces stand for the values."""
