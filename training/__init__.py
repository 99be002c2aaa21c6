"""Trains the demonstration painter and composer on a small world of flat shapes."""
