"""Requests in strangers' own words for the demonstration's small world, and rules for canvases."""
