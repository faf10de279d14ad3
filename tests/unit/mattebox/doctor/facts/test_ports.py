import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mattebox.doctor.facts import ports
from mattebox.up.options import EngineChoice, UpOptions
from tests.ports import free_port


def options(**numbers: int) -> UpOptions:
    return UpOptions(
        host="127.0.0.1",
        port=numbers.get("port", 0),
        grpc_port=numbers.get("grpc_port", 0),
        metrics_port=numbers.get("metrics_port", 0),
        state_dir=Path("state"),
        engine=EngineChoice.AUTO,
        models=("toy",),
        model_repository=Path("models"),
        ready_file=None,
        threads=None,
        log_level=None,
    )


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6])
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.socket(request.param) as listener:
        listener.bind(("127.0.0.1" if request.param == socket.AF_INET else "::", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_free_port_has_no_holder() -> None:
    http, *_ = ports.gather(options(port=free_port("127.0.0.1")))

    assert (http.error, http.holder) == (None, None)


def test_the_holder_of_a_taken_port_is_found_with_its_ancestors(taken: int) -> None:
    http, *_ = ports.gather(options(port=taken))

    assert http.error == errno.EADDRINUSE
    assert http.holder is not None
    assert http.holder.pid == os.getpid()
    assert http.holder.ancestors[0] == os.getppid()
    assert http.holder.program in Path(f"/proc/{os.getpid()}/comm").read_text()
    assert not http.holder.is_mattebox


def test_a_process_of_mattebox_is_told_by_its_command_line(tmp_path: Path) -> None:
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "__init__.py").touch()
    (tmp_path / "gateway" / "main.py").write_text(
        "import socket, sys\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "print(listener.getsockname()[1], flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "gateway.main"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        http, *_ = ports.gather(options(port=int(process.stdout.readline())))
        process.communicate("")

    assert http.holder is not None
    assert (http.holder.pid, http.holder.is_mattebox) == (process.pid, True)


def test_metrics_take_two_ports_and_none_is_asked_for_by_0() -> None:
    port = free_port("127.0.0.1")

    named = ports.gather(options(metrics_port=port))
    free = ports.gather(options())

    assert [each.port for each in named[2:]] == [port, port + 1]
    assert [each.port for each in free] == [0] * 4


def test_an_address_of_another_machine_is_told() -> None:
    asked = options(port=8080)

    http, *_ = ports.gather(replace(asked, host="192.0.2.1"))

    assert http.error == errno.EADDRNOTAVAIL
    assert http.reason
