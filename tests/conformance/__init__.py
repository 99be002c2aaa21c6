"""Checks of the extension inside a real A1111 or Forge, over its API."""
