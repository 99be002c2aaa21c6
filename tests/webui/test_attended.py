"""Work that ends with its reader, and takes no thread of the server's."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import ExitStack, closing

import pytest

from lib_omost.webui.attended import MOST, Attended, BusyError

LONGEST = 10
"""Seconds after which something that takes none counts as hanging."""


class Work:
    """Counts up whenever it is let go on; `ended` is set when it is closed before its end."""

    def __init__(self, most=1000):
        self.most = most
        self.go_on = threading.Semaphore(0)
        self.ended = threading.Event()
        self.thread = None

    def __call__(self):
        self.thread = threading.current_thread()
        try:
            for number in range(self.most):
                assert self.go_on.acquire(timeout=LONGEST)
                yield number
        except GeneratorExit:
            self.ended.set()
            raise


def test_results_come_in_their_order_and_then_the_end():
    async def read():
        return [result async for result in Attended(iter_of([1, 2, 3]))]

    assert asyncio.run(read()) == [1, 2, 3]


def iter_of(results):
    yield from results


def test_it_runs_beside_the_server_which_waits_without_a_thread():
    async def read():
        works = [Work(1) for _ in range(MOST)]
        reading = [asyncio.create_task(anext(Attended(work()))) for work in works]
        await asyncio.sleep(0)
        for work in works:  # only here, as all of them wait at the same time
            work.go_on.release()
        assert await asyncio.gather(*reading) == [0] * MOST
        assert threading.main_thread() not in {work.thread for work in works}

    asyncio.run(read())


def test_what_fails_fails_for_the_reader():
    def fails():
        yield 1
        raise KeyError("x")

    async def read():
        with pytest.raises(KeyError):
            async for _ in Attended(fails()):
                pass

    asyncio.run(read())


def test_a_reader_that_falls_silent_ends_the_work():
    """As gradio does for somebody who asks for four results and goes away."""
    work = Work()

    async def read():
        attended = Attended(work(), patience=0)
        for number in range(4):
            work.go_on.release()
            assert await anext(attended) == number
        return attended

    attended = asyncio.run(read())
    assert not work.ended.is_set()
    work.go_on.release()  # one more result, which nobody asks for
    assert work.ended.wait(LONGEST)

    async def late():
        return [result async for result in attended]

    assert asyncio.run(late()) == []


def test_a_reader_that_waits_is_there_however_long_it_takes():
    work = Work(1)

    async def read():
        reading = asyncio.create_task(anext(Attended(work(), patience=0)))
        await asyncio.sleep(0.05)
        work.go_on.release()
        return await reading

    assert asyncio.run(read()) == 0


def test_closing_ends_the_work_and_the_waiting():
    work = Work()

    async def read():
        with closing(Attended(work())) as attended:
            reading = asyncio.create_task(anext(attended))
            await asyncio.sleep(0)
            attended.close()
            with pytest.raises(StopAsyncIteration):
                await reading
        work.go_on.release()
        assert await asyncio.to_thread(work.ended.wait, LONGEST)

    asyncio.run(read())


def test_work_that_is_forgotten_ends():
    work = Work()

    async def read():
        async def handler():
            async for result in Attended(work()):
                yield result

        handling = handler()
        work.go_on.release()
        await anext(handling)
        return handling

    handling = asyncio.run(read())
    del handling
    gc.collect()
    work.go_on.release()
    assert work.ended.wait(LONGEST)


def test_only_so_much_goes_on_at_a_time():
    with ExitStack() as opened:
        works = [Work() for _ in range(MOST)]
        for work in works:
            opened.enter_context(closing(Attended(work())))
        with pytest.raises(BusyError, match="try again later"):
            Attended(Work()())
    for work in works:
        work.go_on.release()
        assert work.ended.wait(LONGEST)

    async def read():
        while True:  # the last places are given back a moment later
            try:
                return [result async for result in Attended(iter_of([1]))]
            except BusyError:
                await asyncio.sleep(0.01)

    assert asyncio.run(asyncio.wait_for(read(), LONGEST)) == [1]
