import dataclasses
import socket
from pathlib import Path

import pytest

from mattebox.up import ports
from mattebox.up.errors import CannotStartError
from mattebox.up.options import EngineChoice, UpOptions

ANY = UpOptions(
    host="127.0.0.1",
    port=0,
    grpc_port=0,
    metrics_port=0,
    state_dir=Path("state"),
    engine=EngineChoice.AUTO,
    models=("toy",),
    model_repository=Path("models"),
    ready_file=None,
    threads=None,
    log_level=None,
)


def test_zero_takes_free_ports_that_differ() -> None:
    claimed = ports.claim(ANY)

    assert len(claimed.all) == 4
    for port in claimed.all:
        socket.create_server(("127.0.0.1", port)).close()


def test_wanted_ports_are_taken_as_they_are() -> None:
    http, grpc, metrics = ports.free_ports(3)
    wanted = dataclasses.replace(ANY, port=http, grpc_port=grpc, metrics_port=metrics)

    claimed = ports.claim(wanted)

    assert claimed == ports.Ports(http, grpc, metrics, metrics + 1)


@pytest.mark.parametrize(
    ("option", "field", "distance"),
    [
        ("--port", "port", 0),
        ("--grpc-port", "grpc_port", 0),
        ("--metrics-port", "metrics_port", 0),
        ("--metrics-port, which also takes the next one", "metrics_port", 1),
    ],
)
def test_a_taken_port_is_named_with_its_option(option: str, field: str, distance: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        wanted = dataclasses.replace(ANY, **{field: taken - distance})

        with pytest.raises(CannotStartError) as error:
            ports.claim(wanted)

    assert str(error.value) == (
        f"Port {taken} is taken by another program. Stop it (`mattebox doctor` tells which it is),"
        f" or choose another port with {option}."
    )


def test_ports_must_differ() -> None:
    http = ports.free_ports(1)[0]
    wanted = dataclasses.replace(ANY, port=http, metrics_port=http - 1)

    with pytest.raises(CannotStartError, match="The ports overlap"):
        ports.claim(wanted)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotStartError, match=r"Cannot listen on 192\.0\.2\.1, port"):
        ports.claim(dataclasses.replace(ANY, host="192.0.2.1"))


def test_a_host_name_and_ipv6_are_addresses_too() -> None:
    ports.claim(dataclasses.replace(ANY, host="localhost"))
    ports.claim(dataclasses.replace(ANY, host="0.0.0.0"))  # noqa: S104


def test_free_ports_lie_below_those_of_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    chosen = ports.free_ports(20)

    assert len(set(chosen)) == 20
    assert max(chosen) < lowest
    assert not set(ports.free_ports(20, but_not=chosen)) & set(chosen)
