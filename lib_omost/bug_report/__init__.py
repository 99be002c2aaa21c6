"""The report of versions, device and missing features that users paste into a bug report."""
