"""Trains the painter, a small text-to-image model of SD1's architecture."""
