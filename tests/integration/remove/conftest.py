"""The command as a user runs it: a process of its own, in a folder with a few pictures."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.integration.segmenter import red_network
from tests.waiting import until

PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process has left."""

    code: int
    out: bytes
    err: str


@pytest.fixture(autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """A command in the background of a shell ignores signals, and so would all that it starts."""
    numbers = (signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    for number, handler in zip(numbers, before, strict=True):
        if handler is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


class Command:
    """`mattebox remove` in one folder, with an engine that takes red for the subject."""

    def __init__(self, folder: Path, repository: Path) -> None:
        self.folder = folder
        self.repository = repository
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, *arguments: str, **env: str) -> asyncio.subprocess.Process:
        """Starts it, with a pipe as standard input."""
        ours = {name: value for name, value in os.environ.items() if "MATTEBOX" not in name}
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from mattebox.cli import main; main()", "remove"),
            *arguments,
            cwd=self.folder,
            env=ours | {"NO_PROXY": "*"} | env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return self.process

    async def run(self, *arguments: str, **env: str) -> Ended:
        """Starts it and waits for its end."""
        return await self.end(await self.start(*arguments, **env))

    async def run_on(self, stdin: bytes, *arguments: str) -> Ended:
        """Runs it with something on standard input."""
        return await self.end(await self.start(*arguments), stdin)

    async def end(self, process: asyncio.subprocess.Process, stdin: bytes | None = None) -> Ended:
        """Waits for the end of a process."""
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate(stdin)
        assert process.returncode is not None
        return Ended(process.returncode, out, err.decode())

    @property
    def own_engine(self) -> tuple[str, ...]:
        """The options by which an engine of the job's own computes."""
        return ("--model", red_network.NAME, "--model-repository", str(self.repository))

    def engines(self) -> list[int]:
        """The processes of engines that were started in this folder's name."""
        mark = f"MODEL_REPOSITORY={self.repository}".encode()
        names = [path.name for path in Path("/proc").iterdir()]
        return [int(name) for name in names if name.isdigit() and _has(int(name), mark)]

    async def await_no_engine(self) -> None:
        await until(lambda: not self.engines())


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    folder, repository = tmp_path / "here", tmp_path / "models"
    folder.mkdir()
    red_network.install(repository)
    command = Command(folder, repository)
    with _killed_at_the_end(command):
        yield command


@contextmanager
def _killed_at_the_end(command: Command) -> Iterator[None]:
    try:
        yield
    finally:
        if command.process is not None and command.process.returncode is None:
            command.process.kill()


def _has(pid: int, mark: bytes) -> bool:
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def photo(red_box: tuple[int, int, int, int] = (20, 10, 60, 40)) -> bytes:
    """A small picture with a red subject, as a PNG."""
    image = Image.new("RGB", (96, 64), (0, 0, 255))
    ImageDraw.Draw(image).rectangle(red_box, (255, 0, 0))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
