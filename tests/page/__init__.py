"""The accordion in real gradio and a real browser; each gradio has an environment of its own."""
