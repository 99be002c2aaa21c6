"""The tabs of the WebUI's page that have an accordion."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tab:
    """A tab of the WebUI's page; name: "txt2img" or "img2img"."""

    name: str

    def element(self, item: str = "") -> str:
        """Returns the element id of one of Omost's components in this tab."""
        return f"omost_{self.name}" + (f"_{item}" if item else "")
