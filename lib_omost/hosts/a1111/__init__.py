"""A1111: SD1, SD2 and SDXL on the UNets of ldm and sgm."""

from lib_omost.hosts.a1111.host import A1111Host

__all__ = ["A1111Host"]
