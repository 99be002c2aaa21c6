"""Judges by rules how well a language model composes and changes canvases."""
