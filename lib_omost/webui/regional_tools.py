"""Warns of other extensions that divide the picture of the same job into regions."""

from __future__ import annotations

from typing import Any

from lib_omost.webui.job_scripts import always_on_scripts

TITLES = ("Regional Prompter", "Forge Couple", "Latent Couple extension", "Mask Regional Prompter")
"""Titles of these extensions' scripts; the first argument of each turns it on."""


def regional_tool_warnings(p: Any) -> list[str]:
    """Returns a message for each other regional extension that is on.

    Args:
        p: The host's job.
    """
    return [
        f"{script.title()} is on too: both divide this picture into regions and steer the same "
        "sampling, so neither works as it should; turn one of them off"
        for script in always_on_scripts(p)
        if script.title() in TITLES
        and next(iter(p.script_args[script.args_from : script.args_to]), None) is True
    ]
