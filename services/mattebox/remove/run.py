"""The composition root of `mattebox remove`: from a request to an exit code."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from threading import Thread
from typing import Any

from rich.console import Console

from mattebox.client import Options
from mattebox.client.sources import MAX_IMAGE_BYTES
from mattebox.remove import streams
from mattebox.remove.asking import Asking
from mattebox.remove.bar import Bar
from mattebox.remove.errors import StopJobError
from mattebox.remove.job import Job
from mattebox.remove.pace import Pace
from mattebox.remove.reading import MOST_BYTES, Reader
from mattebox.remove.removers import Opened, jobs_for, open_remover
from mattebox.remove.report import Display, Lines, Reporter
from mattebox.remove.request import OverHttp, Plan, Request, Service, choose_service, plan
from mattebox.remove.sources import StdinSource
from mattebox.remove.standing import Standing
from mattebox.up.errors import CannotStartError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FAILED = 1
_WRONG_USAGE = 2
_BY_SIGNAL = 128


def run(request: Request) -> int:
    """Does a job; returns the exit code: 0, 1 if anything failed, or 128 and a signal's number.

    Raises:
        UsageError: the request makes no sense.
    """
    service, planned = choose_service(request), plan(request)
    if planned.is_stdout or request.as_json:
        streams.check_stdout(holds_cut_out=planned.is_stdout)
    # Before the loop, in which a read that nothing comes for could not be given up.
    is_stdin = isinstance(planned.inputs.only_one, StdinSource)
    stdin = streams.read_stdin(MOST_BYTES + 1) if is_stdin else b""
    streams.open_closed_streams()
    with _display(quiet=request.quiet) as display:
        reporter = Reporter(display, quiet=request.quiet, as_json=request.as_json)
        # The client of a service over HTTP takes no more either.
        most_bytes = MAX_IMAGE_BYTES if isinstance(service, OverHttp) else MOST_BYTES
        reader = Reader(stdin, most_bytes=most_bytes)
        code = asyncio.run(
            _until_signal(_work(request, service, planned, reader, reporter), reporter)
        )
    if code > _BY_SIGNAL:
        # Everything is in order; what Python does at its end could wait for a pipe for ever.
        os._exit(code)
    return code


async def _until_signal(work: Coroutine[Any, Any, int], reporter: Reporter) -> int:
    """Works to the end, or until a signal cancels it; a second one ends the process at once."""
    task = asyncio.ensure_future(work)
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        if received:
            reporter.display.leave()
            os._exit(_BY_SIGNAL + number)
        received.append(number)
        loop.call_soon_threadsafe(task.cancel)
        if reporter.is_writing:
            raise InterruptedError  # out of a write that nobody may ever read

    # Not by the loop, which a write to a pipe may hold up.
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` makes one
            signal.signal(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if not received:
            raise
        reporter.stopped("Stopped. What is done is kept; --resume goes on from there.")
        return _BY_SIGNAL + received[0]


async def _work(
    request: Request, service: Service, planned: Plan, reader: Reader, reporter: Reporter
) -> int:
    jobs = request.jobs or jobs_for(service)
    try:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(reader)
            opening = open_remover(service, _options(request, planned), jobs, reporter.display)
            opened = await stack.enter_async_context(opening)
            asking = Asking(opened.remover, Pace(jobs), reporter.waits)
            standing = Standing(resume=request.resume, overwrite=request.overwrite)
            job = Job(asking, reader.read, reporter.finished, jobs=jobs, standing=standing)
            reporter.begin()
            _count(planned, reporter)
            await _with_engine(opened, job.run(planned.pictures()))
    except StopJobError as error:
        reporter.stopped(str(error))
        return _WRONG_USAGE if error.is_wrong_usage else _FAILED
    except CannotStartError as error:
        reporter.stopped(str(error))
        return _FAILED
    reporter.summarise()
    return _FAILED if reporter.tally.failed else 0


async def _with_engine(opened: Opened, work: Coroutine[Any, Any, None]) -> None:
    """Works as long as the engine, if it is ours, does.

    Raises:
        StopJobError: it has ended, or the work was stopped.
    """
    task = asyncio.ensure_future(work)
    try:
        if opened.ended is not None:
            events: list[asyncio.Future[Any]] = [task, opened.ended]
            await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise StopJobError(opened.ended.result())
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])


def _count(planned: Plan, reporter: Reporter) -> None:
    """Counts the pictures on a thread of its own, which nobody waits for at the end."""
    loop = asyncio.get_running_loop()

    def count() -> None:
        try:
            total = sum(1 for _ in planned.inputs.walk())
        except Exception:  # noqa: BLE001 - the job meets it too, and tells it
            return
        with contextlib.suppress(RuntimeError):  # the job has ended first
            loop.call_soon_threadsafe(reporter.expect, total)

    Thread(target=count, name="count", daemon=True).start()


def _options(request: Request, planned: Plan) -> Options:
    return Options(
        format=planned.format,
        channels=request.channels,
        size=request.size,
        crop=request.crop,
        bg_color=request.bg_color,
        despill=request.despill,
    )


@contextmanager
def _display(*, quiet: bool) -> Iterator[Display]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Lines(tells_progress=not quiet)
    else:
        with Bar(console) as bar:
            yield bar
