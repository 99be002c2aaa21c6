"""A worker whose engine executes the words of a request: `python -m tests.llm.scripted_worker`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from lib_omost.llm import process_messages, process_serving
from lib_omost.llm.engine import Done, Progress, Text


class ScriptedEngine:
    def stream(self, task, cancel):
        yield Progress("Loading", 0.5)
        for word in task.messages[-1]["content"].split():
            if word == "print":
                print("a library says hello")
                sys.stdout.flush()
            elif word == "garbage":
                os.write(self.pipe, b'\xff\x00 no message\n{"event": "Unknown"}\n[1]\n')
            elif word == "nested":
                nested = b"[" * 900 + b"]" * 900
                os.write(
                    self.pipe, b'{"event": "Text", "text": %s}\n{"x": %s}\n' % (nested, nested)
                )
                os.write(self.pipe, b"[" * 50_000 + b"\n")
            elif word.startswith("flood:"):
                _, what, counted = word.split(":")
                self.flood(what, counted)
            elif word == "crash":
                sys.stderr.write("RuntimeError: the card fell off the bus\n")
                sys.stderr.flush()
                os._exit(3)
            elif word == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            elif word == "wait":
                cancel.wait()
                yield Done("cancelled", 1)
                return
            elif word == "deaf":
                threading.Event().wait()
            else:
                yield Text(word)
        yield Done("finished", 7)

    def flood(self, what, counted):
        """Writes forever; appends one byte to the file `counted` for each 64 KiB."""
        pipe = 2 if what == "log" else self.pipe
        line = b'{"event": "Text", "text": "%s"}\n' % (b"x" * 100) if what == "text" else b"x"
        block = line * ((1 << 16) // len(line))
        with open(counted, "wb", buffering=0) as file:
            while True:
                os.write(pipe, block)
                file.write(b".")

    def count(self, messages):
        if messages[-1]["content"] == "late":
            time.sleep(1)
        return sum(len(message["content"]) for message in messages)

    def unload(self):
        raise AssertionError("a worker is ended, not unloaded")


if __name__ == "__main__":
    ScriptedEngine.pipe = os.dup(1)
    send = process_serving.reserve_stdout()
    process_serving.serve_tasks(ScriptedEngine(), process_messages.read_lines(sys.stdin), send)
    os._exit(0)
