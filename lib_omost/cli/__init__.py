"""The commands of `python -m lib_omost`: each a module with `add_arguments` and `run`."""
