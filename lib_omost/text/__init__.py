"""Sub-prompts, prefix paths and greedy bags; a tokenizer comes in as a function."""
