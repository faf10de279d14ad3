import asyncio

from gateway.connections import Connections
from gateway.winding_up import wind_up
from tests.waiting import settle


class Busy:
    """A connection that notes how it is told to end, and leaves when it is let."""

    def __init__(self, connections: Connections, *, ends_when_told: bool = False) -> None:
        self.told: list[bool] = []
        self._connections = connections
        self._ends_when_told = ends_when_told
        connections.admit(self, "192.0.2.1")

    def make_room(self) -> bool:
        return False

    def wind_up(self, *, await_first: bool) -> None:
        self.told.append(await_first)
        if self._ends_when_told:
            self._connections.leave(self)


def open_connections() -> Connections:
    return Connections(9, None, lambda _: None)


async def test_where_none_is_open_there_is_nothing_to_wait_for() -> None:
    await wind_up(open_connections(), within_s=60)


async def test_idle_ones_end_at_once_and_busy_ones_are_waited_for() -> None:
    connections = open_connections()
    idle, busy = Busy(connections, ends_when_told=True), Busy(connections)
    ending = asyncio.create_task(wind_up(connections, within_s=60))
    await settle()
    assert (idle.told, busy.told, ending.done()) == ([True], [True], False)

    connections.leave(busy)
    await ending

    assert list(connections) == []


async def test_one_that_never_ends_is_waited_for_no_longer_than_told() -> None:
    connections = open_connections()
    busy = Busy(connections)

    await wind_up(connections, within_s=0.01)

    assert list(connections) == [busy]


async def test_after_a_while_new_ones_count_as_idle_too() -> None:
    connections = open_connections()
    busy = Busy(connections)

    await wind_up(connections, within_s=1.2)

    assert busy.told == [True, False]
