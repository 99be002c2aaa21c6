"""Reads plans, in which a model lists the things of a picture, and arranges them as regions."""
