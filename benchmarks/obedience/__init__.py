"""Whether a picture shows what its canvas asks for: canvases to try, and how pictures are read."""
