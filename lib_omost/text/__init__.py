"""Splits the texts of a canvas into bags, each of which fits into one 77-token prompt chunk.

Reading order: `sub_prompt` (the unit of text), `prefix_paths` (a canvas to the texts of each
condition), `bags` (the texts to bags), `splitting` (texts that are too long), `prompt_syntax` and
`prompt_box`. Tokenizers are passed in as functions that count tokens.
"""
