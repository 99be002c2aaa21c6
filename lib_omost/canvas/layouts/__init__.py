"""Layouts of other programs: one module for each format, and their shared helpers."""
