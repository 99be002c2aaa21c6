"""Reads and writes the layouts of other programs, one module for each format."""
