"""Those who wait for one thing that only one may have, in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque


class WaitingLine:
    """A line of waiting threads. Each can leave it at any time, so none blocks the others."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._places: deque[PlaceInLine] = deque()

    def join(self) -> PlaceInLine:
        """Take the last place."""
        place = PlaceInLine(self)
        with self._guard:
            self._places.append(place)
            self._places[0].is_first.set()
        return place

    def leave(self, place: PlaceInLine) -> None:
        """Give a place up; safe to repeat."""
        with self._guard:
            if place in self._places:
                self._places.remove(place)
            if self._places:
                self._places[0].is_first.set()


class PlaceInLine:
    """A place; `is_first` is set once it is the first, and stays so until it is left."""

    def __init__(self, line: WaitingLine) -> None:
        self._line = line
        self.is_first = threading.Event()

    def leave(self) -> None:
        """Let the next one be the first; safe to repeat."""
        self._line.leave(self)
