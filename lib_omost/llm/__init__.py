"""Language models that turn a request into the text of a canvas."""
