"""What may start, what waits, what is refused."""

import asyncio
import weakref
from contextlib import suppress

import pytest

from segmenter.admission import Admission, AdmissionLimits
from segmenter.deadline import Deadline
from segmenter.errors import DeadlinePassedError, OverloadedError
from tests.waiting import settle

MP = 1_000_000
CALLER = "caller"


def admission(
    budget_mp: int = 10,
    max_waiting: int = 2,
    max_waiting_mp: int = 1_000,
    max_held_bytes: int = 1_000,
    max_wait_s: float = 10.0,
) -> Admission:
    limits = AdmissionLimits(
        budget_mp * MP, max_waiting, max_waiting_mp * MP, max_held_bytes, max_wait_s
    )
    return Admission(limits)


def soon() -> Deadline:
    return Deadline.after(30)


class Held:
    """A picture in a task of its own, which holds its share until told to let go."""

    def __init__(self, gate: Admission, pixels: int, caller: str = CALLER) -> None:
        self.entered = asyncio.Event()
        self._let_go = asyncio.Event()
        self.task = asyncio.create_task(self._hold(gate, caller, pixels))

    async def _hold(self, gate: Admission, caller: str, pixels: int) -> None:
        async with gate.admit(caller, pixels, soon()):
            self.entered.set()
            await self._let_go.wait()

    async def cancelled(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])

    async def finish(self) -> None:
        self._let_go.set()
        await self.task


async def test_a_tiny_picture_costs_a_megapixel() -> None:
    gate = admission(budget_mp=10)
    async with gate.admit(CALLER, 1, soon()):
        assert gate.in_use_px == MP


async def test_a_full_queue_refuses_at_once() -> None:
    gate = admission(budget_mp=10, max_waiting=2)
    held = [Held(gate, 10 * MP) for _ in range(3)]
    await settle()
    assert gate.waiting == 2
    with pytest.raises(OverloadedError) as refusal:
        async with gate.admit(CALLER, MP, soon()):
            pytest.fail("was admitted")
    assert refusal.value.retry_after_s >= 1
    for picture in held:
        await picture.finish()


async def test_pictures_in_work_and_those_that_wait_are_in_sight() -> None:
    gate = admission(budget_mp=10)
    held = []
    for count in range(3):
        assert gate.in_sight == count
        held.append(Held(gate, 10 * MP))
        await settle()
    assert (gate.in_sight, gate.waiting) == (3, 2)
    for picture in held:
        await picture.finish()
    assert gate.in_sight == 0


def test_bytes_are_counted_from_the_arrival_on() -> None:
    gate = admission(max_held_bytes=1_000)
    with gate.hold(CALLER, 400):
        assert gate.held_bytes == 400
    assert gate.held_bytes == 0


async def test_only_what_ended_well_tells_how_long_work_takes() -> None:
    gate = admission(budget_mp=10)

    async def fail_late() -> None:
        async with gate.admit(CALLER, 10 * MP, soon()):
            await asyncio.sleep(0.02)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_late()
    assert gate.expected_s(CALLER, 100 * MP) == 0


async def test_a_hopeless_wait_is_refused_and_says_when_to_come_back() -> None:
    gate = admission(budget_mp=10, max_waiting=99, max_wait_s=0.001)
    await hold_for(gate, 0.05)
    running = Held(gate, 10 * MP)
    await settle()
    assert gate.expected_s(CALLER, 10 * MP) > 0.001
    with pytest.raises(OverloadedError) as refusal:
        async with gate.admit(CALLER, 10 * MP, soon()):
            pytest.fail("was admitted")
    assert refusal.value.retry_after_s >= 1
    assert gate.waiting == 0
    await running.finish()


async def test_a_caller_that_is_refused_is_granted_short_waits_only() -> None:
    gate = admission(budget_mp=10, max_waiting=99, max_wait_s=0.2)
    await hold_for(gate, 0.05)
    held = [Held(gate, 10 * MP) for _ in range(2)]
    await settle()
    gate.check(CALLER, 0)
    held += [Held(gate, 10 * MP) for _ in range(4)]
    await settle()
    refused = [picture for picture in held if picture.task.done()]
    assert refused

    with pytest.raises(OverloadedError, match="would take"):
        gate.check(CALLER, 0)
    for picture in held[1:]:
        await picture.cancelled()
    with pytest.raises(OverloadedError, match="would take"):
        gate.check(CALLER, 0)  # which was granted before, with as much in work
    gate.check("another", 0)

    await held[0].finish()
    gate.check(CALLER, 0)


async def hold_for(gate: Admission, hold_s: float) -> None:
    """Teaches the gate how long pictures take."""
    async with gate.admit(CALLER, 10 * MP, soon()):
        await asyncio.sleep(hold_s)


async def test_a_failing_block_gives_its_share_back() -> None:
    gate = admission()

    async def fail() -> None:
        async with gate.admit(CALLER, 5 * MP, soon()):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert gate.in_use_px == 0


async def test_a_full_queue_makes_room_for_a_caller_that_has_less_in_it() -> None:
    gate = admission(budget_mp=10, max_waiting=2)
    running = Held(gate, 10 * MP, "greedy")
    await settle()
    first, last = Held(gate, 5 * MP, "greedy"), Held(gate, 5 * MP, "greedy")
    await settle()

    modest = Held(gate, 5 * MP, "modest")
    with pytest.raises(OverloadedError) as refusal:
        await last.task

    assert refusal.value.retry_after_s >= 1
    assert gate.waiting == 2
    await running.finish()
    await settle()
    assert (first.entered.is_set(), modest.entered.is_set()) == (True, True)
    await first.finish()
    await modest.finish()
    assert (gate.waiting, gate.in_use_px) == (0, 0)


async def test_a_full_queue_makes_no_room_for_a_caller_with_as_much_in_it() -> None:
    gate = admission(budget_mp=10, max_waiting=2)
    held = [Held(gate, 10 * MP, "one")]
    await settle()
    held += [Held(gate, 5 * MP, "one"), Held(gate, 5 * MP, "other")]
    await settle()

    with pytest.raises(OverloadedError):
        async with gate.admit("other", MP, soon()):
            pytest.fail("was admitted")

    for picture in held:
        await picture.finish()


@pytest.mark.parametrize(("waiting_mp", "is_refused"), [(7, False), (8, True)])
async def test_the_queue_is_bounded_by_megapixels(waiting_mp: int, is_refused: bool) -> None:
    gate = admission(budget_mp=10, max_waiting=99, max_waiting_mp=10)
    held = [Held(gate, 10 * MP), Held(gate, waiting_mp * MP)]
    await settle()

    newcomer = Held(gate, 3 * MP)
    await settle()

    assert newcomer.task.done() is is_refused
    for picture in held:
        await picture.finish()
    if is_refused:
        assert isinstance(newcomer.task.exception(), OverloadedError)
    else:
        await newcomer.finish()


async def test_a_line_of_another_caller_makes_the_expected_wait_longer_by_one_turn() -> None:
    gate = admission(budget_mp=10, max_waiting=99)
    await hold_for(gate, 0.05)
    held = [Held(gate, 10 * MP, "greedy") for _ in range(5)]
    await settle()

    greedy_s = gate.expected_s("greedy", 10 * MP)
    modest_s = gate.expected_s("modest", 10 * MP)

    turn_s = greedy_s / 5
    assert modest_s <= 2 * turn_s * 1.001
    for picture in held:
        await picture.finish()


async def test_a_check_tells_what_admission_would_do_and_takes_nothing() -> None:
    gate = admission(budget_mp=10, max_waiting=1)
    gate.check(CALLER, 1_000)
    with pytest.raises(OverloadedError):
        gate.check(CALLER, 1_001)
    held = [Held(gate, 10 * MP)]
    await settle()
    gate.check(CALLER, 0)
    held.append(Held(gate, 10 * MP))
    await settle()

    with pytest.raises(OverloadedError):
        gate.check(CALLER, 0)
    gate.check("another", 0)  # for which the line would make room

    assert (gate.waiting, gate.in_use_px, gate.held_bytes) == (1, 10 * MP, 0)
    for picture in held:
        await picture.finish()


async def test_a_check_goes_by_the_size_that_pictures_had() -> None:
    gate = admission(budget_mp=10, max_waiting=99, max_waiting_mp=14)
    await hold_for(gate, 0.0)  # of 10 megapixels, the only one so far
    held = [Held(gate, 10 * MP)]
    await settle()
    gate.check(CALLER, 0)
    held.append(Held(gate, 5 * MP))
    await settle()

    with pytest.raises(OverloadedError):
        gate.check(CALLER, 0)

    for picture in held:
        await picture.finish()


async def test_a_picture_pushed_out_in_the_moment_it_is_cancelled_loses_nothing() -> None:
    gate = admission(budget_mp=10, max_waiting=1)
    running = Held(gate, 10 * MP, "greedy")
    await settle()
    waiting = Held(gate, 5 * MP, "greedy")
    await settle()
    modest = Held(gate, MP, "modest")
    await asyncio.sleep(0)
    waiting.task.cancel()
    await settle()

    assert gate.waiting == 1
    await running.finish()
    await modest.finish()
    assert (gate.waiting, gate.in_use_px) == (0, 0)


async def test_a_picture_whose_deadline_has_passed_is_no_sign_of_overload() -> None:
    gate = admission(budget_mp=10, max_waiting=99)
    await hold_for(gate, 0.05)
    running = Held(gate, 10 * MP)
    await settle()

    with pytest.raises(DeadlinePassedError):
        async with gate.admit(CALLER, MP, Deadline.after(-0.1)):
            pytest.fail("was admitted")
    with pytest.raises(OverloadedError):
        async with gate.admit(CALLER, 10 * MP, Deadline.after(0.001)):
            pytest.fail("was admitted")

    gate.check(CALLER, 0)  # of the caller itself nothing was held against it
    await running.finish()


async def test_where_a_large_one_is_pushed_out_a_small_one_starts_at_once() -> None:
    gate = admission(budget_mp=10, max_waiting=1)
    running = Held(gate, 4 * MP, "greedy")
    await settle()
    large = Held(gate, 9 * MP, "greedy")
    await settle()

    small = Held(gate, MP, "modest")
    await settle()

    assert large.task.done()
    assert small.entered.is_set()
    assert isinstance(large.task.exception(), OverloadedError)
    await running.finish()
    await small.finish()
    assert (gate.waiting, gate.waiting_px, gate.in_use_px) == (0, 0, 0)


class Upload:
    """What a caller holds while it waits."""


@pytest.mark.usefixtures("no_collector")
async def test_nothing_of_a_picture_that_was_pushed_out_stays_in_memory() -> None:
    gate = admission(budget_mp=10, max_waiting=1)
    running = Held(gate, 10 * MP, "greedy")
    await settle()
    uploads: list[weakref.ref[Upload]] = []

    async def call() -> None:
        upload = Upload()
        uploads.append(weakref.ref(upload))
        with suppress(OverloadedError):
            async with gate.admit("greedy", 5 * MP, soon()):
                pytest.fail("was admitted")

    waiting = asyncio.create_task(call())
    await settle()
    modest = Held(gate, MP, "modest")
    await waiting
    del waiting
    await settle()
    assert [upload() for upload in uploads] == [None]
    await running.finish()
    await modest.finish()


async def test_a_picture_whose_beginning_cannot_be_counted_holds_nothing() -> None:
    def fail(_remaining_s: float) -> None:
        raise ArithmeticError

    gate = Admission(AdmissionLimits(10 * MP, 2, 1_000 * MP, 1_000, 10.0), on_begin=fail)

    with pytest.raises(ArithmeticError):
        async with gate.admit(CALLER, 5 * MP, soon()):
            pytest.fail("it was not begun")

    assert gate.in_use_px == 0
