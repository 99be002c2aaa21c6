"""The server of llama.cpp on a free port of this machine: `python -m ... GGUF KEY`.

It prints its address and ends when its standard input is closed.
"""

from __future__ import annotations

import sys

import xllamacpp

if __name__ == "__main__":
    options = xllamacpp.CommonParams()
    options.model.path = sys.argv[1]
    options.api_keys = [sys.argv[2]]
    options.n_ctx = 8192
    options.port = 0
    server = xllamacpp.Server(options)
    print(server.listening_address, flush=True)
    sys.stdin.read()
