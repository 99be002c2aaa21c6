"""Forge: SD1, SD2 and SDXL on its UNet and its text engines."""

from lib_omost.hosts.forge.host import ForgeHost

__all__ = ["ForgeHost"]
