"""Two gateways and two segmenters on one Triton, restarted and harmed while requests come."""

from collections import Counter
from collections.abc import Iterator

import pytest
from benchmarks.fleet.fleet import await_that
from benchmarks.fleet.harms import Fault, Rig, faults
from benchmarks.fleet.rig import TOY, running_rig
from benchmarks.fleet.steady_load import SteadyLoad, steady_load
from benchmarks.fleet.usage import counted_images
from benchmarks.load.client import mattebox_service
from benchmarks.load.outcome import Outcome
from benchmarks.pictures import plain_jpeg

from mattebox.up import triton_wheel

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

RATE_PER_S = 12.0
"""Little enough for a machine that has other things to do: what is tested is no capacity."""

RESTARTS = 4
FEW = 15


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    if (reason := triton_wheel.why_not(triton_wheel.locate())) is not None:
        pytest.skip(reason)
    with running_rig(TOY, {"USAGE_FLUSH_S": 0.2}) as running:
        yield running


@pytest.fixture
def before(rig: Rig) -> int:
    """So many pictures are counted when a test begins."""
    return counted(rig)


@pytest.fixture
def load(rig: Rig) -> Iterator[SteadyLoad]:
    service = mattebox_service(rig.fleet.url, rig.fleet.api_key)
    with steady_load(service, [service.body(plain_jpeg(0.02))], RATE_PER_S) as running:
        running.await_outcomes(FEW, "200")
        yield running


def test_rolling_restarts_of_both_tiers_lose_no_request_and_no_usage(
    rig: Rig, before: int, load: SteadyLoad
) -> None:
    for number in range(RESTARTS):
        rig.fleet.roll_gateway(number % 2)
        rig.fleet.roll_segmenter(number % 2)
        load.await_outcomes(FEW)

    outcomes = load.stop()

    assert Counter(outcome.status for outcome in outcomes) == {"200": len(outcomes)}
    await_that(lambda: counted(rig) >= before + len(outcomes))
    assert counted(rig) == before + len(outcomes)


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.name)
def test_of_a_fault_callers_see_clean_answers_and_all_is_well_afterwards(
    rig: Rig, before: int, load: SteadyLoad, fault: Fault
) -> None:
    on_their_way = load.unanswered
    victims = {rig.fleet.gateways[0].pid, rig.fleet.segmenters[0].pid}

    fault.begin(rig)
    load.await_outcomes(FEW)
    bystanders = [
        replica
        for replica in (*rig.fleet.gateways, *rig.fleet.segmenters)
        if replica.pid not in victims
    ]
    assert all(replica.says("live") for replica in bystanders)
    fault.end(rig)
    await_that(lambda: all_well(load.outcomes[-FEW:]))

    outcomes = load.stop()
    broken = sum(not is_clean(outcome) for outcome in outcomes)
    assert broken <= (on_their_way if fault.breaks_connections else 0)
    rig.fleet.await_healthy()
    delivered = sum(map(is_answer, outcomes))
    if fault.breaks_connections:
        for number in range(2):  # which write what they have counted when they end
            rig.fleet.roll_gateway(number)
        assert before < counted(rig) <= before + delivered
    else:
        await_that(lambda: counted(rig) >= before + delivered)
        assert counted(rig) == before + delivered


def is_clean(outcome: Outcome) -> bool:
    if outcome.status == "503":
        return outcome.retry_after_s >= 1
    return is_answer(outcome) or outcome.status == "504"


def is_answer(outcome: Outcome) -> bool:
    return outcome.status == "200"


def all_well(outcomes: list[Outcome]) -> bool:
    return len(outcomes) == FEW and all(map(is_answer, outcomes))


def counted(rig: Rig) -> int:
    return counted_images(rig.fleet.plan.database_url)
