import pytest

from gateway.errors import OverloadedError
from gateway.results import open_results
from gateway.results.memory import MemoryResults
from gateway.settings import DialectsSettings
from tests.unit.gateway.results.conftest import TTL_S
from tests.unit.gateway.results.stores import SHARE_BYTES, Clock, fetched, is_kept, keep
from tests.waiting import until


async def test_a_picture_is_there_until_its_time_is_over(
    memory: MemoryResults, clock: Clock
) -> None:
    name = await keep(memory, 10)
    clock.now_s += TTL_S - 0.001
    assert await is_kept(memory, name)

    clock.now_s += 0.001
    assert not await is_kept(memory, name)
    assert memory.held_bytes == 0


async def test_what_has_expired_makes_room(memory: MemoryResults, clock: Clock) -> None:
    await keep(memory, SHARE_BYTES)
    clock.now_s += TTL_S

    await keep(memory, SHARE_BYTES)
    assert memory.held_bytes == SHARE_BYTES


async def test_what_is_being_read_counts_until_it_no_longer_is(
    memory: MemoryResults, clock: Clock
) -> None:
    name = await keep(memory, SHARE_BYTES)
    await fetched(memory, name)
    slow = await memory.find(name)
    assert slow is not None

    with pytest.raises(OverloadedError):
        await keep(memory, 1)
    clock.now_s += TTL_S
    assert not await is_kept(memory, name)
    with pytest.raises(OverloadedError):
        await keep(memory, 1)

    assert b"".join([piece async for piece in slow.pieces]) == b"x" * SHARE_BYTES
    slow.close()
    slow.close()
    assert memory.held_bytes == 0
    await keep(memory, SHARE_BYTES)


async def test_pictures_leave_the_memory_though_nobody_asks() -> None:
    clock = Clock()
    async with open_results(DialectsSettings(), clock, sweep_s=0.001) as results:
        await keep(results, 10)
        assert results.held_bytes == 10
        clock.now_s += DialectsSettings().results_ttl_s
        await until(lambda: results.held_bytes == 0)


async def test_who_is_refused_is_told_when_the_next_expires_that_was_not_fetched(
    memory: MemoryResults, clock: Clock
) -> None:
    seen, _ = await keep(memory, SHARE_BYTES // 2), await keep(memory, 1)
    await fetched(memory, seen)
    clock.now_s += 1
    await keep(memory, SHARE_BYTES // 2 - 1)

    for left_s, told in ((61, "60"), (59.5, "60"), (58.5, "59"), (0.5, "1")):
        clock.now_s = 5000 + TTL_S - left_s
        with pytest.raises(OverloadedError) as caught:
            await keep(memory, SHARE_BYTES)
        assert caught.value.headers["Retry-After"] == told
        with pytest.raises(OverloadedError) as caught:
            await memory.expect("a key")
        assert caught.value.headers["Retry-After"] == told


async def test_what_is_gone_and_still_read_is_its_holders(
    memory: MemoryResults, clock: Clock
) -> None:
    name = await keep(memory, SHARE_BYTES, holder="one")
    slow = await memory.find(name)
    assert slow is not None
    clock.now_s += TTL_S

    with pytest.raises(OverloadedError):
        await memory.expect("one")
    await memory.expect("two")
    slow.close()
    await memory.expect("one")
