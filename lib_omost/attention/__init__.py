"""Regional attention: boxes to weights to cells, and attention over them. Pure functions."""
