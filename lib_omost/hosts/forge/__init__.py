"""Implements the Host protocol in Forge for SD1, SD2 and SDXL."""

from lib_omost.hosts.forge.host import ForgeHost

__all__ = ["ForgeHost"]
