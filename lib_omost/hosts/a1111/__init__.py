"""Implements the Host protocol in A1111 for SD1, SD2 (ldm) and SDXL (sgm)."""

from lib_omost.hosts.a1111.host import A1111Host

__all__ = ["A1111Host"]
