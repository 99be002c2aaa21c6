"""Turns off the warnings, logs and progress bars of libraries in programs of the command line."""

from __future__ import annotations

import logging
import os
import sys
import warnings

VARIABLES = {
    "PYTHONWARNINGS": "ignore",
    "DIFFUSERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TORCH_CPP_LOG_LEVEL": "ERROR",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
"""Environment variables that libraries read when they are imported.

Without TOKENIZERS_PARALLELISM, tokenizers warns when a process that used it starts another.
"""


def quieten_libraries() -> None:
    """Turns off the messages of libraries, and in child processes those of VARIABLES.

    Variables that the user has set, and `python -W`, keep their effect.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # else Python prints logged warnings
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
