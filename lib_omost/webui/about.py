"""Reports on the running WebUI: the host, what it lacks, and its Python."""

from __future__ import annotations

from lib_omost.bug_report.facts import Fact
from lib_omost.bug_report.report import build_report, report_text
from lib_omost.bug_report.webui_folder import describe_webui
from lib_omost.hosts import description
from lib_omost.webui.host_detection import find_host, recognised, refusal, unsupported_model
from lib_omost.webui.services import PROGRAM


def report() -> str:
    """Returns the report of the panel About as Markdown."""
    facts: dict[str, Fact] = {
        "Host": lambda: describe_webui(description.folder()),
        "Works here": lambda: refusal() or f"yes, as {recognised().host}",
        "Missing features": lambda: ", ".join(map(str, recognised().missing)) or "none",
        "Checkpoint": description.checkpoint,
        "Attention": description.attention,
        "Device of the host": description.device,
        "Flags": description.flags,
        "Other extensions": description.other_extensions,
    }
    if not refusal():
        facts["Regions"] = lambda: unsupported_model(find_host) or "steer this checkpoint"
    return report_text(build_report(facts, data_folder=lambda: PROGRAM.data_folder))
