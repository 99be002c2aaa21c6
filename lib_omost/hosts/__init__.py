"""Connects regional attention to the programs that sample: text encoding and attention hooks.

`protocol` defines a host. `a1111` and `forge` implement it; the diffusers implementation is
`lib_omost.renderer.pipeline_host`. `recognition` detects in which program the extension runs.
"""
