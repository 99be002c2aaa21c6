"""The page's process: `python -m lib_omost.serve`, in a Python that has gradio."""

from __future__ import annotations

from lib_omost.interrupts import exit_with


def run() -> int:
    """Serve the page until Ctrl-C; return the exit status."""
    from lib_omost.serve.process import main  # here, where Ctrl-C is caught

    main()
    return 0


if __name__ == "__main__":
    exit_with(run)
