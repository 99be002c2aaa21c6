"""Implements the commands of `python -m lib_omost`, one module per command."""
