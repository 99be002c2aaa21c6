"""Builds the accordion: gradio panels, their texts, and the functions behind their buttons."""
