"""Trains the composer, a small language model that writes canvas code about the small world."""
