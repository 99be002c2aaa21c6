"""The interface to the program that Omost runs in, with an adapter for each program."""
