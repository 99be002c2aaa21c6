"""Renders canvases with diffusers, for the command line, the stand-alone page and tests."""
