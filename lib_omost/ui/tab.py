"""A tab of the WebUI's page and the element ids of its components."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tab:
    """A tab of the WebUI's page, "txt2img" or "img2img"."""

    name: str

    def element(self, item: str = "") -> str:
        """Returns the element id of a component of Omost in this tab, or of the accordion."""
        return f"omost_{self.name}" + (f"_{item}" if item else "")
