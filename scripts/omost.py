"""The WebUI looks here for scripts; everything else is in lib_omost."""

from lib_omost.webui.script import OmostScript

__all__ = ["OmostScript"]
