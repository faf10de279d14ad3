import pytest

from gateway.connections import SPARE_S, Connections


class Idle:
    """A connection that makes room, or does not."""

    def __init__(self, *, makes_room: bool = True) -> None:
        self.closed = False
        self.connections: Connections | None = None
        self._makes_room = makes_room

    def make_room(self) -> bool:
        self.closed = self._makes_room
        if self.closed and self.connections is not None:
            self.connections.leave(self)
        return self._makes_room

    def wind_up(self, *, await_first: bool) -> None:
        """Is not asked of any here."""


class Port:
    """Connections by a clock that stands still until it is moved on."""

    def __init__(self, most: int, most_per_address: int | None = None) -> None:
        self.now_s = 0.0
        self.turned: list[str] = []
        self.connections = Connections(
            most, most_per_address, self.turned.append, lambda: self.now_s
        )

    def enter(self, connection: Idle, address: str = "192.0.2.1") -> bool:
        """Lets a connection come, which then waits for a request."""
        if not self.connections.admit(connection, address):
            return False
        connection.connections = self.connections
        self.connections.waits(connection)
        return True


def test_there_is_room_for_so_many_and_no_more() -> None:
    port = Port(most=2)
    first = Idle()

    assert [port.enter(connection) for connection in (first, Idle(), Idle())] == [True, True, False]
    assert (port.connections.open, port.turned) == (2, ["full"])

    port.connections.leave(first)

    assert port.enter(Idle())


@pytest.mark.parametrize(("waited_s", "makes_room"), [(SPARE_S, True), (SPARE_S - 0.01, False)])
def test_one_that_has_waited_makes_room(waited_s: float, makes_room: bool) -> None:
    port = Port(most=1)
    waiting = Idle()
    port.enter(waiting)
    port.now_s += waited_s

    assert port.enter(Idle()) is makes_room
    assert waiting.closed is makes_room
    assert port.turned == ["made_room" if makes_room else "full"]
    assert port.connections.open == 1


def test_the_one_that_has_waited_longest_goes_first() -> None:
    port = Port(most=3)
    connections = [Idle() for _ in range(3)]
    for connection in connections:
        port.enter(connection)
        port.now_s += 10
    port.connections.waits(connections[0])  # had a request since
    port.now_s += 10

    port.enter(Idle())

    assert [connection.closed for connection in connections] == [False, True, False]


def test_those_with_a_request_under_way_make_no_room() -> None:
    port = Port(most=1)
    working = Idle()
    port.enter(working)
    port.connections.works(working)
    port.now_s += 10

    assert not port.enter(Idle())
    assert not working.closed


def test_one_that_cannot_go_is_passed_over_for_the_next() -> None:
    port = Port(most=2)
    lingering, waiting = Idle(makes_room=False), Idle()
    port.enter(lingering)
    port.enter(waiting)
    port.now_s += 10

    assert port.enter(Idle())
    assert waiting.closed
    assert port.connections.open == 2


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"),
        ("fe80::1%eth0", "fe80::2%eth0", "192.0.2.1"),
        ("", "", "192.0.2.1"),
    ],
)
def test_an_address_has_its_share(one: str, same: str, other: str) -> None:
    port = Port(most=10, most_per_address=2)
    first = Idle()

    assert port.enter(first, one)
    assert port.enter(Idle(), same)
    assert not port.enter(Idle(), same)
    assert port.enter(Idle(), other)
    assert port.turned == ["address"]

    port.connections.leave(first)

    assert port.enter(Idle(), one)


def test_one_that_was_refused_leaves_nothing_behind() -> None:
    port = Port(most=1)
    refused = Idle()
    port.enter(Idle())
    port.enter(refused)

    port.connections.leave(refused)

    assert port.connections.open == 1
