"""Sabotages of the extension that the conformance checks and the tests must notice."""
