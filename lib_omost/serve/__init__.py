"""The stand-alone page: the Omost accordion without a WebUI, with lib_omost.renderer as painter.

The page runs in a Python with gradio. The image model and the language model run in one process
each, in a Python with torch. The packages of gradio and of torch can therefore have conflicting
requirements.
"""
