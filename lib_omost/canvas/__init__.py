"""The canvas, the description of one picture: its data model, readers, writers and preview."""
