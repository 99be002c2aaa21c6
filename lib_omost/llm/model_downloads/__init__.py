"""Downloads the listed language models and finds those that are on this machine."""
