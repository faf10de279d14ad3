"""rembg's own server, `rembg s`, as its own command line starts it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.load.client import Service
from benchmarks.quality import peer

_START_S = 120.0
START = "import sys; from rembg.cli import main; sys.exit(main())"
"""A program that is rembg's command line: its script may name another interpreter."""


@dataclass(frozen=True, slots=True)
class RunningPeer:
    """How it is asked, and its process."""

    service: Service
    pid: int


@contextmanager
def rembg_server(rembg: peer.Peer) -> Iterator[RunningPeer]:
    """Starts it on a free port, and ends it with the context.

    Without its web page, which would only cost it memory; all else is its default: PNG answers,
    40 threads, as many threads for the network as there are cores.
    """
    peer.prepare_server(rembg)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [str(rembg.python), "-I", "-c", START, "s", "--no-ui", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--log_level", "error"],
        # ONNX Runtime's wheels report to their maker unless told otherwise; and it opens a browser.
        env={
            **os.environ,
            "U2NET_HOME": str(rembg.home),
            "ORT_DISABLE_TELEMETRY": "1",
            "BROWSER": "true",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_port(process, port)
        service = Service(
            f"http://127.0.0.1:{port}", "/api/remove", "file", fields={"model": peer.MODEL}
        )
        yield RunningPeer(service, process.pid)
    finally:
        process.terminate()
        process.wait(60)


def _await_port(process: "subprocess.Popen[bytes]", port: int) -> None:
    give_up_s = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > give_up_s:
                sys.exit("rembg's server did not start")
            time.sleep(0.1)
        else:
            return
