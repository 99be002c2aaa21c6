"""The accordion's page without a WebUI, on the embedded renderer.

Three processes: the page, in a Python that has gradio; the image model and the language model,
each in a process of the Python that has torch. So neither set of packages needs to suit the other.
"""
