"""What the host reads in a picture's metadata."""

from __future__ import annotations

from typing import Any

from lib_omost.infotext import Pasted


def infotext_of(picture: Any) -> Pasted:
    """Return the parameters in a picture's infotext; empty where there is none."""
    from modules.images import read_info_from_image
    from modules.infotext_utils import parse_generation_parameters

    text, _ = read_info_from_image(picture)
    return parse_generation_parameters(text or "", [])  # type: ignore[no-any-return]
