"""Runs the stand-alone page: `python -m lib_omost.serve`, in a Python with gradio."""

from __future__ import annotations

from lib_omost.ctrl_c import exit_with


def run() -> int:
    """Serves the page until Ctrl-C; returns the exit status."""
    from lib_omost.serve.process import main  # imported here, where Ctrl-C is handled

    main()
    return 0


if __name__ == "__main__":
    exit_with(run)
