"""A first-come, first-served line of threads that each can leave at any time."""

from __future__ import annotations

import threading
from collections import deque


class WaitingLine:
    """A line of waiting threads. A thread that leaves it blocks none of the others."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._places: deque[PlaceInLine] = deque()

    def join(self) -> PlaceInLine:
        """Adds a place at the end of the line and returns it."""
        place = PlaceInLine(self)
        with self._guard:
            self._places.append(place)
            self._places[0].is_first.set()
        return place

    def leave(self, place: PlaceInLine) -> None:
        """Removes a place from the line; safe to repeat."""
        with self._guard:
            if place in self._places:
                self._places.remove(place)
            if self._places:
                self._places[0].is_first.set()

    def join_if_empty(self) -> PlaceInLine | None:
        """Adds the first place of an empty line and returns it; None if the line is not empty."""
        place = PlaceInLine(self)
        with self._guard:
            if self._places:
                return None
            self._places.append(place)
            place.is_first.set()
        return place


class PlaceInLine:
    """A place in a line; `is_first` is set once it is the first, and remains set."""

    def __init__(self, line: WaitingLine) -> None:
        self._line = line
        self.is_first = threading.Event()

    def leave(self) -> None:
        """Removes this place from its line; safe to repeat."""
        self._line.leave(self)
