import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts import usage
from gateway.accounts.usage import UsageBatch, UsageCount, UsageMeter, UsageSlot
from tests.waiting import settle, until

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEVER_S = 3600.0
SOON_S = 0.001

Outcome = Literal["written", "failed", "failed after the commit"]


@dataclass
class Store:
    """Adds each batch once, as the database does, and fails where it is told to."""

    outcomes: list[Outcome] = field(default_factory=list)
    batches: list[UsageBatch] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)

    async def write(self, batch: UsageBatch) -> None:
        self.attempts.append(batch.batch_id)
        outcome = self.outcomes.pop(0) if self.outcomes else "written"
        await asyncio.sleep(0)
        if outcome != "failed" and batch.batch_id not in {seen.batch_id for seen in self.batches}:
            self.batches.append(batch)
        await asyncio.sleep(0)
        if outcome != "written":
            raise OSError(outcome)

    @property
    def counts(self) -> dict[UsageSlot, UsageCount]:
        return _sum([batch.counts for batch in self.batches])


@dataclass
class Hooks:
    failures: int = 0
    lost: list[Mapping[UsageSlot, UsageCount]] = field(default_factory=list)

    def fail(self) -> None:
        self.failures += 1


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture(autouse=True)
def no_pause_at_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "_STOP_PAUSE_S", 0.0)


def meter_of(store: Store, hooks: Hooks, flush_s: float = NEVER_S) -> UsageMeter:
    return UsageMeter(store.write, flush_s, hooks.fail, hooks.lost.append, lambda: NOON)


async def test_answers_are_counted_by_key(store: Store, hooks: Hooks) -> None:
    async with meter_of(store, hooks).running():
        pass

    assert store.attempts == []

    meter = meter_of(store, hooks)
    async with meter.running():
        meter.add("a", 100)
        meter.add("a", 20)
        meter.add("b", 3)

    assert store.counts == {
        UsageSlot(TODAY, "a"): UsageCount(2, 120),
        UsageSlot(TODAY, "b"): UsageCount(1, 3),
    }
    assert len(store.batches) == 1
    assert hooks == Hooks()


async def test_the_day_is_that_of_the_delivery_in_utc(store: Store, hooks: Hooks) -> None:
    west = timezone(timedelta(hours=-5))
    times = [
        datetime(2026, 11, 22, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 11, 23, tzinfo=UTC),
        datetime(2026, 11, 22, 19, tzinfo=west),
    ]
    meter = UsageMeter(store.write, NEVER_S, hooks.fail, hooks.lost.append, iter(times).__next__)

    async with meter.running():
        for _ in range(3):
            meter.add("a", 1)

    assert store.counts == {
        UsageSlot(TODAY, "a"): UsageCount(1, 1),
        UsageSlot(TODAY + timedelta(days=1), "a"): UsageCount(2, 2),
    }


async def test_counts_are_written_while_the_meter_runs(store: Store, hooks: Hooks) -> None:
    meter = meter_of(store, hooks, SOON_S)
    async with meter.running():
        for expected in (1, 2):
            meter.add("a", 1)
            await until(lambda count=expected: len(store.batches) == count)  # type: ignore[misc]

    assert len(store.attempts) == 2


async def test_a_batch_is_repeated_as_it_was_until_it_is_written(
    store: Store, hooks: Hooks
) -> None:
    store.outcomes = ["failed", "failed after the commit", "failed", "written"]
    meter = meter_of(store, hooks, SOON_S)
    async with meter.running():
        meter.add("a", 1)
        await until(lambda: bool(store.attempts))
        meter.add("a", 10)
        await until(lambda: len(store.batches) == 2)

    assert len(set(store.attempts[:4])) == 1
    assert store.attempts[4:] == [store.batches[1].batch_id]
    assert store.counts == {UsageSlot(TODAY, "a"): UsageCount(2, 11)}
    assert hooks == Hooks(failures=3)


async def test_a_write_that_hangs_fails_and_is_repeated(
    store: Store, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "_WRITE_TIMEOUT_S", SOON_S)
    hanging = True

    async def write(batch: UsageBatch) -> None:
        store.attempts.append(batch.batch_id)
        if hanging:
            await asyncio.Event().wait()
        store.batches.append(batch)

    meter = UsageMeter(write, SOON_S, hooks.fail, hooks.lost.append)
    async with meter.running():
        meter.add("a", 1)
        await until(lambda: hooks.failures > 0)
        monkeypatch.setattr(usage, "_WRITE_TIMEOUT_S", NEVER_S)
        hanging = False
        await until(lambda: bool(store.batches))

    assert set(store.attempts) == {store.batches[0].batch_id}
    assert hooks.lost == []


@pytest.mark.parametrize(
    ("flush_s", "pauses_s"),
    [(1.0, [1.0, 2.0, 4.0, 5.0, 5.0, 1.0]), (8.0, [8.0, 8.0, 8.0, 8.0, 8.0, 8.0])],
)
async def test_pauses_grow_while_writes_fail(
    store: Store,
    hooks: Hooks,
    monkeypatch: pytest.MonkeyPatch,
    flush_s: float,
    pauses_s: list[float],
) -> None:
    asked_s: list[float] = []

    async def asked_to_stop(_: UsageMeter, within_s: float) -> bool:
        asked_s.append(within_s)
        return len(asked_s) == len(pauses_s)

    monkeypatch.setattr(UsageMeter, "_asked_to_stop", asked_to_stop)
    store.outcomes = ["failed"] * 4
    meter = meter_of(store, hooks, flush_s)
    async with meter.running():
        meter.add("a", 1)
        await until(lambda: bool(store.batches))

    assert asked_s == pauses_s


async def test_what_is_not_written_can_be_asked(store: Store, hooks: Hooks) -> None:
    store.outcomes = ["failed"]
    times = [NOON - timedelta(days=1), NOON, NOON, NOON]
    meter = UsageMeter(store.write, NEVER_S, hooks.fail, hooks.lost.append, iter(times).__next__)
    meter.add("a", 1)
    meter.add("a", 10)
    with pytest.raises(OSError, match="failed"):
        await meter.flush()
    meter.add("a", 100)
    meter.add("b", 1000)

    yesterday, today = UsageSlot(TODAY - timedelta(days=1), "a"), UsageSlot(TODAY, "a")
    failed, gathering = meter.unwritten()
    assert failed.batch_id == store.attempts[0]
    assert failed.counts == {yesterday: UsageCount(1, 1), today: UsageCount(1, 10)}
    assert gathering.counts == {
        today: UsageCount(1, 100),
        UsageSlot(TODAY, "b"): UsageCount(1, 1000),
    }

    await meter.flush()
    assert meter.unwritten() == [gathering]
    await meter.flush()
    await meter.flush()
    assert meter.unwritten() == []
    assert store.attempts[1:] == [failed.batch_id, gathering.batch_id]


async def test_what_is_told_as_unwritten_does_not_grow(store: Store, hooks: Hooks) -> None:
    meter = meter_of(store, hooks)
    meter.add("a", 1)
    told = meter.unwritten()
    meter.add("a", 10)

    assert told[0].counts == {UsageSlot(TODAY, "a"): UsageCount(1, 1)}


async def test_a_stop_waits_for_the_write_under_way_and_writes_the_rest(
    store: Store, hooks: Hooks
) -> None:
    begun, goes_on = asyncio.Event(), asyncio.Event()

    async def write(batch: UsageBatch) -> None:
        begun.set()
        await goes_on.wait()
        await store.write(batch)

    meter = UsageMeter(write, SOON_S, hooks.fail, hooks.lost.append, lambda: NOON)

    async def run() -> None:
        async with meter.running():
            meter.add("a", 1)
            await begun.wait()
            meter.add("a", 10)

    running = asyncio.create_task(run())
    await until(lambda: len(meter.unwritten()) == 2)
    await settle()
    assert not running.done()
    goes_on.set()
    await running

    assert store.counts == {UsageSlot(TODAY, "a"): UsageCount(2, 11)}
    assert len(store.attempts) == 2
    assert hooks == Hooks()


async def test_a_stop_tries_again_for_a_while(store: Store, hooks: Hooks) -> None:
    store.outcomes = ["failed", "failed after the commit"]
    meter = meter_of(store, hooks)

    async with meter.running():
        meter.add("a", 1)

    assert len(set(store.attempts)) == 1
    assert len(store.attempts) == 3
    assert store.counts == {UsageSlot(TODAY, "a"): UsageCount(1, 1)}
    assert hooks == Hooks(failures=2)


async def test_what_a_stop_cannot_write_is_told(store: Store, hooks: Hooks) -> None:
    store.outcomes = ["failed"] * 100_000
    meter = meter_of(store, hooks)
    async with meter.running(stop_s=0.01):
        meter.add("a", 1)
        with pytest.raises(OSError, match="failed"):
            await meter.flush()
        meter.add("a", 10)

    assert hooks.lost == [
        {UsageSlot(TODAY, "a"): UsageCount(1, 1)},
        {UsageSlot(TODAY, "a"): UsageCount(1, 10)},
    ]
    assert meter.unwritten() == []


async def test_a_stop_does_not_wait_for_a_write_that_hangs(hooks: Hooks) -> None:
    async def write(_: UsageBatch) -> None:
        await asyncio.Event().wait()

    meter = UsageMeter(write, NEVER_S, hooks.fail, hooks.lost.append, lambda: NOON)
    async with meter.running(stop_s=SOON_S):
        meter.add("a", 1)

    assert hooks.lost == [{UsageSlot(TODAY, "a"): UsageCount(1, 1)}]


async def test_a_stop_that_is_cancelled_tells_what_is_lost(hooks: Hooks) -> None:
    begun = asyncio.Event()

    async def write(_: UsageBatch) -> None:
        begun.set()
        await asyncio.Event().wait()

    meter = UsageMeter(write, NEVER_S, hooks.fail, hooks.lost.append, lambda: NOON)

    async def run() -> None:
        async with meter.running():
            meter.add("a", 1)

    running = asyncio.create_task(run())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert hooks.lost == [{UsageSlot(TODAY, "a"): UsageCount(1, 1)}]


async def test_an_answer_after_the_stop_is_told_as_lost(store: Store, hooks: Hooks) -> None:
    meter = meter_of(store, hooks)
    async with meter.running():
        pass
    meter.add("a", 7)

    assert hooks.lost == [{UsageSlot(TODAY, "a"): UsageCount(1, 7)}]
    assert store.attempts == []


async def test_an_error_in_the_block_loses_nothing(store: Store, hooks: Hooks) -> None:
    meter = meter_of(store, hooks)
    with pytest.raises(RuntimeError, match="stopped"):
        async with meter.running():
            meter.add("a", 1)
            raise RuntimeError("stopped")

    assert store.counts == {UsageSlot(TODAY, "a"): UsageCount(1, 1)}


Step = tuple[Literal["add", "add while writing", "flush", "interrupt"], str, int]

steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add while writing", "flush", "interrupt"]),
        st.sampled_from("ab"),
        st.integers(0, 50_000_000),
    ),
    max_size=20,
)
outcomes = st.lists(st.sampled_from(["written", "failed", "failed after the commit"]), max_size=12)


@given(steps=steps, outcomes=outcomes)
def test_every_answer_is_written_once_whatever_happens(
    steps: list[Step], outcomes: list[Outcome]
) -> None:
    store, hooks, added = Store(outcomes), Hooks(), Counter[str]()
    asyncio.run(_take(steps, store, hooks, added))

    written = {slot.key_id: count.pixels for slot, count in store.counts.items()}
    images = sum(count.images for count in store.counts.values())
    assert written == {key: added[key] for key in written}
    assert images == sum(kind.startswith("add") for kind, _, _ in steps)
    assert sum(written.values()) == added.total()
    assert hooks.lost == []


# A write that is interrupted behind the commit would be both written and told as lost.
@given(steps=steps.map(lambda taken: [step for step in taken if step[0] != "interrupt"]))
def test_every_answer_is_written_or_told_as_lost(steps: list[Step]) -> None:
    failing: list[Outcome] = ["written", "failed", "written"]
    failing += ["failed"] * 100_000
    store, hooks, added = Store(failing), Hooks(), Counter[str]()
    asyncio.run(_take(steps, store, hooks, added, stop_s=0.0))

    kept = _sum([*(batch.counts for batch in store.batches), *hooks.lost])
    assert sum(count.pixels for count in kept.values()) == added.total()


async def _take(
    steps: list[Step], store: Store, hooks: Hooks, added: Counter[str], stop_s: float = 5.0
) -> None:
    meter = meter_of(store, hooks)

    def add(key_id: str, pixels: int) -> None:
        meter.add(key_id, pixels)
        added[key_id] += pixels

    async with meter.running(stop_s):
        for kind, key_id, pixels in steps:
            match kind:
                case "add":
                    add(key_id, pixels)
                case "add while writing":
                    writing = await _begin_flush(meter, turns=1)
                    add(key_id, pixels)
                    await asyncio.wait([writing])
                case "flush":
                    await _flush(meter)
                case "interrupt":
                    # After one turn before the commit, after two behind it.
                    writing = await _begin_flush(meter, turns=1 + pixels % 2)
                    writing.cancel()
                    await asyncio.wait([writing])


async def _begin_flush(meter: UsageMeter, turns: int) -> asyncio.Task[None]:
    writing = asyncio.create_task(_flush(meter))
    for _ in range(turns):
        await asyncio.sleep(0)
    return writing


async def _flush(meter: UsageMeter) -> None:
    with suppress(OSError):
        await meter.flush()


def _sum(all_counts: list[Mapping[UsageSlot, UsageCount]]) -> dict[UsageSlot, UsageCount]:
    total: dict[UsageSlot, UsageCount] = {}
    for counts in all_counts:
        for slot, count in counts.items():
            total[slot] = total.get(slot, UsageCount(0, 0)) + count
    return total
