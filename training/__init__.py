"""Trains the demonstration painter and the demonstration composer on a small world of flat shapes."""
