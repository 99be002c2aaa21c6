"""Builds and converts image models for training, tests and benchmarks.

The package lib_omost does not import it.
"""
