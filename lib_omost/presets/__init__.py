"""Stores named canvases with their settings as JSON files."""
