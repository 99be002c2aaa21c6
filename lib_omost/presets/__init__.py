"""The canvas library: stores named canvases with their settings as JSON files, one for each."""
