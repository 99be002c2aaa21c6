"""The port to the program that Omost runs in, and its adapters for the WebUIs and the page."""
