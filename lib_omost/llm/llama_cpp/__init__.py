"""Runs language models in GGUF files through llama.cpp, in a worker process."""
