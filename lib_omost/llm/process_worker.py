"""The program of a worker process: `python -m lib_omost.llm.process_worker MODEL`.

It ends when its standard input is closed, which also happens when its parent process ends.
"""

from __future__ import annotations

import os
import sys

from lib_omost.llm import process_messages
from lib_omost.llm.engine_factory import create_engine
from lib_omost.llm.process_serving import reserve_stdout, serve_tasks


def main() -> None:
    """Runs the model that the command line names."""
    send = reserve_stdout()
    serve_tasks(create_engine(sys.argv[1]).engine, process_messages.read_lines(sys.stdin), send)
    # Running threads must not keep the process alive after its parent has ended.
    os._exit(0)


if __name__ == "__main__":
    main()
