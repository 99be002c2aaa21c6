"""Measures whether pictures show what their canvases describe, on drawn test canvases."""
