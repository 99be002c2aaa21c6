"""Speed and obedience, each a command that prints its figures."""
