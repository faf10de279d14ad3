"""How often and how patiently one cut-out is asked for. No time passes."""

import asyncio
import contextlib

import pytest

from mattebox.client import (
    ApiError,
    BadRequestError,
    ConnectionFailedError,
    CutOut,
    InternalError,
    InvalidApiKeyError,
    InvalidBgColorError,
    InvalidImageError,
    MatteboxError,
    OverloadedError,
    RateLimitedError,
    TimedOutError,
)
from mattebox.remove.asking import ATTEMPTS, FEW_ATTEMPTS, PICTURES_IN_A_ROW, Asking
from mattebox.remove.errors import StopJobError
from mattebox.remove.pace import Pace
from tests.unit.mattebox.remove.fakes import IMAGE, FakeRemover, Naps, cut_out


class World:
    """Asking with a remover of the test's, and what came of it."""

    def __init__(self, *answers: CutOut | MatteboxError, jobs: int = 4) -> None:
        """The last answer is given again and again."""
        self.remover = FakeRemover(lambda number: answers[min(number, len(answers)) - 1])
        self.naps, self.pauses = Naps(), Naps()
        self.now_s = 0.0
        self.waits: list[tuple[float, str]] = []
        self.pace = Pace(jobs, clock=lambda: self.now_s, sleep=self._pause)
        self.asking = Asking(
            self.remover,
            self.pace,
            lambda pause_s, code: self.waits.append((pause_s, code)),
            sleep=self.naps,
        )

    async def _pause(self, duration_s: float) -> None:
        await self.pauses(duration_s)
        self.now_s += duration_s


async def test_the_first_answer_is_taken() -> None:
    world = World(cut_out())

    assert await world.asking.cut_out(IMAGE) == cut_out()
    assert world.remover.images == [IMAGE]
    assert world.naps.naps == world.pauses.naps == []


@pytest.mark.parametrize(
    "error", [InternalError("x"), ConnectionFailedError("x"), ApiError("x", status=502)]
)
async def test_what_may_pass_is_tried_again_after_a_pause_of_its_own(error: MatteboxError) -> None:
    world = World(error, error, cut_out())

    await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == 3
    assert len(world.naps.naps) == 2
    assert world.pauses.naps == []
    assert world.pace.at_a_time == 4


@pytest.mark.parametrize(
    "error",
    [
        RateLimitedError("x", retry_after_s=7),
        OverloadedError("x", retry_after_s=7),
        ApiError("x", status=503, retry_after_s=7),
    ],
)
async def test_a_refusal_makes_all_wait_for_as_long_as_it_says(error: ApiError) -> None:
    world = World(error, cut_out())

    await asyncio.gather(*(world.asking.cut_out(IMAGE) for _ in range(3)))

    assert world.naps.naps == []
    (pause_s,) = world.pauses.naps
    assert 7 <= pause_s < 9
    assert world.waits == [(pause_s, error.code)]
    # Halved by the refusal, and one more again after three successes.
    assert world.pace.at_a_time == 3


async def test_one_that_never_passes_is_given_up() -> None:
    world = World(cut_out(), OverloadedError("x"))
    await world.asking.cut_out(IMAGE)

    with pytest.raises(OverloadedError):
        await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == 1 + ATTEMPTS


async def test_a_service_that_fails_is_not_asked_as_often() -> None:
    world = World(cut_out(), InternalError("x"))
    await world.asking.cut_out(IMAGE)

    with pytest.raises(InternalError):
        await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == 1 + FEW_ATTEMPTS
    assert len(world.naps.naps) == FEW_ATTEMPTS - 1


async def test_one_that_takes_too_long_is_asked_for_once_more() -> None:
    world = World(cut_out(), TimedOutError("x"))
    await world.asking.cut_out(IMAGE)

    with pytest.raises(TimedOutError):
        await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == 1 + 2


@pytest.mark.parametrize("before", [[], [cut_out()]])
@pytest.mark.parametrize(
    "error",
    [
        InternalError("It failed."),
        TimedOutError("It failed."),
        OverloadedError("It failed."),
        ApiError("It failed.", status=502),
        RateLimitedError("It failed."),
    ],
)
async def test_a_service_that_stays_down_stops_the_job(
    error: MatteboxError, before: list[CutOut]
) -> None:
    world = World(*before, error)
    for _ in before:
        await world.asking.cut_out(IMAGE)

    for _ in range(PICTURES_IN_A_ROW - 1):
        with pytest.raises(type(error)):
            await world.asking.cut_out(IMAGE)
    with pytest.raises(StopJobError, match=r"It failed\. So it was for 3 pictures in a row\."):
        await world.asking.cut_out(IMAGE)


@pytest.mark.parametrize("between", [cut_out(), InvalidImageError("x")])
async def test_a_service_that_answers_between_is_not_down(
    between: CutOut | MatteboxError,
) -> None:
    world = World(*([InternalError("x")] * FEW_ATTEMPTS + [between]) * 5)

    for _ in range(5):
        with pytest.raises(InternalError):
            await world.asking.cut_out(IMAGE)
        with contextlib.suppress(InvalidImageError):
            await world.asking.cut_out(IMAGE)


@pytest.mark.parametrize("error", [RateLimitedError, OverloadedError, InternalError])
async def test_a_pause_longer_than_anybody_waits_stops_the_job(error: type[ApiError]) -> None:
    world = World(error("Not today.", retry_after_s=300.5))

    with pytest.raises(StopJobError, match=r"Not today\. .+ 301 s.+ with --resume"):
        await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == 1
    assert world.naps.naps == world.pauses.naps == []


async def test_a_pause_of_minutes_is_waited_for() -> None:
    world = World(RateLimitedError("x", retry_after_s=300), cut_out())

    assert await world.asking.cut_out(IMAGE) == cut_out()


async def test_a_service_that_was_never_reached_stops_the_job_soon() -> None:
    world = World(ConnectionFailedError("no way to http://x"))

    with pytest.raises(StopJobError, match="connection_failed: no way to http://x") as stopped:
        await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == FEW_ATTEMPTS
    assert not stopped.value.is_wrong_usage


async def test_a_service_that_is_gone_for_long_stops_the_job() -> None:
    world = World(cut_out(), ConnectionFailedError("gone"))
    await world.asking.cut_out(IMAGE)

    with pytest.raises(StopJobError):
        await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == 1 + ATTEMPTS


async def test_a_picture_that_breaks_connections_alone_fails_alone() -> None:
    world = World()

    class Picky(FakeRemover):
        async def remove(self, image: bytes) -> CutOut:
            if image == b"breaks":
                # Others are answered in between.
                await world.asking.cut_out(IMAGE)
                raise ConnectionFailedError("broke")
            return cut_out()

    world.asking = Asking(Picky(), Pace(2), lambda *_: None, sleep=Naps())

    with pytest.raises(ConnectionFailedError):
        await world.asking.cut_out(b"breaks")


@pytest.mark.parametrize("error", [InvalidImageError("x"), BadRequestError("x")])
async def test_a_picture_that_will_never_do_is_asked_for_once(error: ApiError) -> None:
    world = World(error)

    with pytest.raises(type(error)):
        await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == 1


@pytest.mark.parametrize(
    ("error", "is_wrong_usage"),
    [
        (InvalidApiKeyError("Invalid key."), False),
        (ApiError("Elsewhere.", status=301), False),
        (ApiError("No Mattebox.", status=200), False),
        (ApiError("Nothing here.", status=404), False),
        (InvalidBgColorError("No colour."), True),
    ],
)
async def test_what_holds_for_all_pictures_stops_the_job_at_once(
    error: ApiError, is_wrong_usage: bool
) -> None:
    world = World(error)

    with pytest.raises(StopJobError) as stopped:
        await world.asking.cut_out(IMAGE)

    assert len(world.remover.images) == 1
    assert str(stopped.value).startswith(f"{error.code}: {error.message} ")
    assert stopped.value.is_wrong_usage is is_wrong_usage
