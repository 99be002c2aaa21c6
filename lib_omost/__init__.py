"""Compose a picture as regions on a canvas and make diffusion sampling obey it."""
