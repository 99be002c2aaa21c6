"""What a picture should contain: the canvas, its vocabulary, code, files and picture."""
