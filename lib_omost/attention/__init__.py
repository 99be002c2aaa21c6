"""Regional cross-attention: from a canvas's boxes to the attention output of every pixel.

Reading order: `region_masks` (boxes to masks and weights), `conditions` (the encoded canvas),
`regional_pass` (the entry point for hosts), then the three methods: `regional_attention` (omost),
`decomposition` (couple) and `area_conditioning` (area). No module here knows a host.
"""
