"""Implements the Host protocol in Forge, Forge Neo, Forge Classic and reForge."""

from lib_omost.hosts.forge.host import ForgeHost

__all__ = ["ForgeHost"]
