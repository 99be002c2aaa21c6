"""From a request in words to a canvas: language models that write canvas code."""
