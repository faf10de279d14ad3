"""What can befall a fleet, one fault at a time, and how each ends."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.postgres import PostgresServer
from tests.redis_server import RedisServer

from benchmarks.fleet.fault_proxy import Harm
from benchmarks.fleet.fleet import Fleet, await_that

Step = Callable[["Rig"], None]

_KILL, _FREEZE, _THAW = signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT


@dataclass(frozen=True, slots=True)
class Rig:
    """A fleet and what it stands on."""

    fleet: Fleet
    postgres: PostgresServer
    redis: RedisServer


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It ends, with its replacement up where it takes one, when `end` returns."""

    name: str
    begin: Step
    end: Step
    held_s: float = 10.0
    breaks_connections: bool = False
    """Whether those requests may break that were on their way when it began."""


def faults() -> Sequence[Fault]:
    """Lists all."""
    return (
        Fault("Triton killed", _strike_triton(_KILL), _await_new_triton, 0),
        Fault("Triton frozen", _strike_triton(_FREEZE), _strike_triton(_THAW), 15),
        Fault("model process killed", _strike_model(_KILL), _await_new_triton, 0),
        Fault("model process frozen", _strike_model(_FREEZE), _await_new_triton, 0),
        Fault("segmenter killed", _strike_segmenter(_KILL), _replace_segmenter, 3),
        Fault("segmenter frozen", _strike_segmenter(_FREEZE), _strike_segmenter(_THAW), 15),
        Fault("gateway killed", _strike_gateway(_KILL), _replace_gateway, 3, True),
        Fault("gateway frozen", _strike_gateway(_FREEZE), _strike_gateway(_THAW)),
        Fault(
            "PostgreSQL stopped", lambda rig: rig.postgres.stop(), lambda rig: rig.postgres.start()
        ),
        Fault(
            "PostgreSQL frozen", lambda rig: rig.postgres.hang(), lambda rig: rig.postgres.wake()
        ),
        Fault("Redis killed", lambda rig: rig.redis.stop(), lambda rig: rig.redis.start()),
        Fault("Redis frozen", lambda rig: rig.redis.hang(), lambda rig: rig.redis.wake()),
        *(
            Fault(f"answers of Triton {words}", _harm_answers(harm), _harm_answers(Harm.NONE))
            for words, harm in (
                ("5 s late", Harm.LATE),
                ("reset", Harm.RESET),
                ("cut off", Harm.CUT),
                ("swallowed", Harm.SWALLOWED),
            )
        ),
    )


def _strike_triton(number: signal.Signals) -> Step:
    return lambda rig: rig.fleet.triton.strike(number)


def _strike_model(number: signal.Signals) -> Step:
    return lambda rig: rig.fleet.triton.strike_model(number)


def _strike_segmenter(number: signal.Signals) -> Step:
    return lambda rig: rig.fleet.segmenters[0].strike(number)


def _strike_gateway(number: signal.Signals) -> Step:
    return lambda rig: rig.fleet.gateways[0].strike(number)


def _await_new_triton(rig: Rig) -> None:
    triton = rig.fleet.triton
    await_that(lambda: triton.restarts > triton.restarts_at_strike)


def _replace_segmenter(rig: Rig) -> None:
    rig.fleet.segmenters[0].await_end()
    new = rig.fleet.start_segmenter()
    new.await_ready()
    rig.fleet.segmenters[0] = new


def _replace_gateway(rig: Rig) -> None:
    dead = rig.fleet.gateways[0]
    dead.await_end()
    rig.fleet.loop.call(rig.fleet.balancer.remove(dead.place.port))
    new = rig.fleet.start_gateway()
    new.await_ready()
    rig.fleet.admit(new)
    rig.fleet.gateways[0] = new


def _harm_answers(harm: Harm) -> Step:
    return lambda rig: rig.fleet.loop.call(rig.fleet.proxy.harm(harm))
