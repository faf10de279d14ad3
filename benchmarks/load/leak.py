"""The control of the judgement of memory: a process that keeps something of every request.

    python -m benchmarks.load.leak BYTES

For each line on standard input it keeps that many bytes and answers with an empty line.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Leak:
    """A leaking process in the hands of the benchmark."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.pid = process.pid

    def request(self) -> None:
        """Has it handle a request, and keep something of it."""
        assert self._process.stdin is not None  # noqa: S101 - it was started with pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        self._process.stdout.readline()


@contextmanager
def leaking_process(bytes_a_request: int) -> Iterator[Leak]:
    """Starts it, and ends it with the context."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load.leak", str(bytes_a_request)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Leak(process)
    finally:
        process.communicate()


def main() -> None:
    """Leaks until standard input ends."""
    size_bytes = int(sys.argv[1])
    kept = []
    for _ in sys.stdin.buffer:
        # Written to, since pages that were never touched are no memory.
        kept.append(bytearray(b"\x01") * size_bytes)
        sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
