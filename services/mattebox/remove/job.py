"""The job: takes pictures one after the other, works on several at a time, and tells outcomes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from mattebox.client import MatteboxError
from mattebox.remove import writing
from mattebox.remove.asking import Asking
from mattebox.remove.errors import PictureError, StopJobError
from mattebox.remove.outcome import Done, Failed, Outcome, Picture, Skipped
from mattebox.remove.sources import Source
from mattebox.remove.standing import Standing, Way
from mattebox.remove.threads import on_thread
from mattebox.remove.verdict import advice_on, code_of, message_of


class Job:
    """Cuts out all pictures of an iterator."""

    def __init__(
        self,
        asking: Asking,
        read: Callable[[Source], Awaitable[bytes]],
        on_outcome: Callable[[Outcome], None],
        *,
        jobs: int,
        standing: Standing,
    ) -> None:
        """`jobs` is the most pictures in memory; `standing` guards what is there already."""
        self._asking = asking
        self._read = read
        self._on_outcome = on_outcome
        self._jobs = jobs
        self._standing = standing

    async def run(self, pictures: Iterator[Picture]) -> None:
        """Works until there are no more pictures. Where it is cancelled, it leaves nothing behind.

        Raises:
            StopJobError: it makes no sense to go on; what was under way is cancelled.
        """
        taking = asyncio.Lock()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._jobs):
                    group.create_task(self._work(pictures, taking))
        except BaseExceptionGroup as group:
            # Several that were under way may have come to the same end.
            stops = group.subgroup(StopJobError)
            raise (stops or group).exceptions[0] from None

    async def _work(self, pictures: Iterator[Picture], taking: asyncio.Lock) -> None:
        while True:
            async with taking:
                picture = await _next(pictures)
            if picture is None:
                return
            self._on_outcome(await self._outcome(picture))

    async def _outcome(self, picture: Picture) -> Outcome:
        try:
            way = await asyncio.to_thread(self._standing.way, picture)
            if way is Way.SKIP:
                return Skipped(picture)
            cut_out = await self._asking.cut_out(await self._read(picture.source))
            # A file is waited for, so that nothing of it is left behind; a pipe may never end.
            apart = on_thread if picture.target is None else asyncio.to_thread
            may_replace = way is Way.REPLACE
            await apart(writing.write, picture.target, cut_out.image, may_replace=may_replace)
        except PictureError as error:
            return Failed(picture, error.code, str(error), error.advice)
        except MatteboxError as error:
            return Failed(picture, code_of(error), message_of(error), advice_on(error))
        except StopJobError:
            raise
        except Exception as error:  # noqa: BLE001 - one picture must not end the work on all others
            return Failed(picture, *_unforeseen(error))
        return Done(picture, cut_out.width_px, cut_out.height_px, cut_out.foreground_found)


async def _next(pictures: Iterator[Picture]) -> Picture | None:
    try:
        return await on_thread(next, pictures, None)
    except Exception as error:  # what was found so far is worked on, and there is no more
        code, message, advice = _unforeseen(error)
        raise StopJobError(f"{code}: No more pictures are found. {message} {advice}") from error


def _unforeseen(error: Exception) -> tuple[str, str, str]:
    """Code, message and advice of a defect; what it says itself may hold what is secret."""
    return (
        "internal_error",
        f"This command failed with {type(error).__name__}.",
        "Try again with --resume, and tell who maintains it.",
    )
