"""One signal ends a job that is blocked, and closed streams break none."""

import asyncio
import errno
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.integration.remove.conftest import Command
from tests.waiting import until

NOWHERE = ("--url", "http://127.0.0.1:9")
"""Nothing is sent there in these tests."""
MANY = 2000
PROGRAM = (sys.executable, "-c", "from mattebox.cli import main; main()", "remove")
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@pytest.fixture
async def full_pipe() -> AsyncIterator[tuple[int, int]]:
    """A pipe that nobody reads."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def is_full(end: int) -> bool:
    (held,) = struct.unpack("i", fcntl.ioctl(end, termios.FIONREAD, b"    "))
    return int(held) > fcntl.fcntl(end, fcntl.F_GETPIPE_SZ) - 2 * 4096


@SIGNALS
async def test_a_pipe_that_nobody_writes_to(command: Command, number: signal.Signals) -> None:
    pipe = command.folder / "pipe.jpg"
    os.mkfifo(pipe)
    process = await command.start(str(pipe), *NOWHERE)
    ends: list[int] = []

    def is_open() -> bool:
        try:
            ends.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            return error.errno != errno.ENXIO  # no reader yet
        return True

    await until(is_open)
    process.send_signal(number)
    ended = await command.end(process)

    assert ended.code == 128 + number
    assert "--resume goes on from there" in ended.err
    os.close(*ends)


@SIGNALS
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_pipe_that_nobody_reads(
    command: Command, full_pipe: tuple[int, int], number: signal.Signals, stream: str
) -> None:
    for each in range(MANY):
        (command.folder / f"{each}.jpg").touch()
    read_end, write_end = full_pipe
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *(".", "--json", *NOWHERE),
        cwd=command.folder,
        stdin=subprocess.DEVNULL,
        stdout=write_end if stream == "stdout" else subprocess.DEVNULL,
        stderr=write_end if stream == "stderr" else subprocess.DEVNULL,
    )
    command.process = process
    await until(lambda: is_full(read_end))

    process.send_signal(number)
    async with asyncio.timeout(60):
        assert await process.wait() == 128 + number


async def test_a_cut_out_that_nobody_reads(command: Command, full_pipe: tuple[int, int]) -> None:
    async def serve(request: web.Request) -> web.Response:
        await request.read()
        headers = {"X-Width": "2", "X-Height": "1", "X-Foreground-Found": "true"}
        return web.Response(body=bytes(2**20), content_type="image/png", headers=headers)

    app = web.Application()
    app.router.add_post("/v2", serve)
    (command.folder / "a.jpg").write_bytes(b"picture")
    read_end, write_end = full_pipe
    async with TestServer(app) as server:
        command.process = process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *("a.jpg", "--out", "-", "--url", str(server.make_url("")).rstrip("/")),
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=write_end,
            stderr=subprocess.DEVNULL,
        )
        await until(lambda: is_full(read_end))

        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            assert await process.wait() == 130


@pytest.mark.parametrize(
    ("arguments", "closed", "code", "told"),
    [
        (("-",), "<&-", 2, "Standard input is closed"),
        (("empty.jpg", "--out", "-"), ">&-", 2, "Standard output is closed"),
        (("empty.jpg", "--json"), ">&-", 2, "Standard output is closed"),
        (("empty.jpg",), ">&-", 1, "missing_image"),
        (("empty.jpg",), "<&-", 1, "missing_image"),
        (("empty.jpg", "--json"), "2>&-", 1, ""),
        (("empty.jpg",), "<&- >&- 2>&-", 1, ""),
    ],
)
def test_streams_that_are_closed(
    tmp_path: Path, arguments: tuple[str, ...], closed: str, code: int, told: str
) -> None:
    (tmp_path / "empty.jpg").touch()
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {closed}', "sh", *PROGRAM, *arguments, *NOWHERE],
        cwd=tmp_path,
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert told in done.stderr
    assert len(done.stdout.splitlines()) == ("2>&-" in closed and "--json" in arguments)
