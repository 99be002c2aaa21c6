from __future__ import annotations

from lib_omost.program.waiting_line import WaitingLine


def first(*places):
    return [place.is_first.is_set() for place in places]


def test_who_came_first_is_first():
    line = WaitingLine()
    one, two, three = (line.join() for _ in range(3))
    assert first(one, two, three) == [True, False, False]
    one.leave()
    assert first(two, three) == [True, False]


def test_who_waits_can_leave():
    line = WaitingLine()
    one, two, three = (line.join() for _ in range(3))
    two.leave()
    two.leave()
    assert first(two, three) == [False, False]
    one.leave()
    assert first(two, three) == [False, True]
    three.leave()
    assert first(line.join()) == [True]
