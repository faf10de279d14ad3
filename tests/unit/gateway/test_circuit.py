from gateway.circuit import Circuit
from tests.unit.gateway.accounts.rate_limits.callers import Clock


def is_open(circuit: Circuit) -> bool:
    return circuit.is_open


def begun(circuit: Circuit) -> int:
    attempt = circuit.begin()
    assert attempt is not None
    return attempt


def test_it_is_closed_until_an_attempt_fails() -> None:
    circuit = Circuit(5.0, Clock(0.0))
    circuit.succeed(begun(circuit))
    assert not is_open(circuit)

    circuit.fail(begun(circuit))
    assert is_open(circuit)
    assert circuit.begin() is None


def test_one_attempt_is_made_each_time_that_the_pause_has_passed() -> None:
    clock = Clock(100.0)
    circuit = Circuit(5.0, clock)
    circuit.fail(begun(circuit))

    clock.now_s = 104.999
    assert circuit.begin() is None
    clock.now_s = 105.0
    attempt = begun(circuit)
    assert circuit.begin() is None
    assert is_open(circuit)

    circuit.fail(attempt)
    clock.now_s = 109.999
    assert circuit.begin() is None
    clock.now_s = 110.0
    circuit.succeed(begun(circuit))
    assert not is_open(circuit)
    assert circuit.begin() is not None


def test_an_attempt_without_an_outcome_blocks_no_later_one() -> None:
    clock = Clock(0.0)
    circuit = Circuit(5.0, clock)
    circuit.fail(begun(circuit))
    clock.now_s = 5.0
    begun(circuit)

    clock.now_s = 10.0
    circuit.succeed(begun(circuit))
    assert not is_open(circuit)


def test_attempts_from_before_a_failure_change_nothing() -> None:
    clock = Clock(0.0)
    circuit = Circuit(5.0, clock)
    first, second, third = begun(circuit), begun(circuit), begun(circuit)
    circuit.fail(first)

    clock.now_s = 4.0
    circuit.succeed(second)
    circuit.fail(third)
    assert is_open(circuit)
    clock.now_s = 5.0
    assert circuit.begin() is not None
