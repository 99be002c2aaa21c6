"""Reports on the running WebUI: the host, what it lacks, and its Python."""

from __future__ import annotations

from lib_omost.bug_report.facts import Fact
from lib_omost.bug_report.report import build_report, report_text
from lib_omost.bug_report.webui_folder import describe_webui
from lib_omost.hosts import description
from lib_omost.webui.host_detection import find_host, recognised, refusal, unsupported_model
from lib_omost.webui.services import PROGRAM

BACKENDS = {
    "a1111": "Automatic1111's",
    "forge": "Forge's",
    "ldm_patched": "the first Forge's (ldm_patched)",
}
"""The backends of the recognised hosts."""


def report() -> str:
    """Returns the report of the panel About as Markdown."""
    facts: dict[str, Fact] = {
        "Host": lambda: describe_webui(description.folder()),
        "Backend": _backend,
        "Works here": lambda: refusal() or "yes",
        "Missing features": lambda: ", ".join(map(str, recognised().missing)) or "none",
        "Checkpoint": description.checkpoint,
        "Attention": description.attention,
        "Device of the host": description.device,
        "Flags": description.flags,
        "Other extensions": description.other_extensions,
    }
    if not refusal():
        facts["Regions"] = _regions
    return report_text(build_report(facts, data_folder=lambda: PROGRAM.data_folder))


def _backend() -> str:
    """Returns the backend that samples, by the adapter of Omost or by its package."""
    found = recognised()
    return BACKENDS[found.host] if found.host else found.backend or "unknown"


def _regions() -> str:
    """Returns whether regions can steer the loaded checkpoint, and why they cannot."""
    if description.checkpoint() == description.NO_CHECKPOINT:
        return "unknown before a checkpoint is loaded"
    return unsupported_model(find_host) or "steer this checkpoint"
