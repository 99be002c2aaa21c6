"""Composes canvases from requests: conversation, service, queue. Needs no gradio."""
