"""Asks for one cut-out after the other, as often and as patiently as makes sense."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Protocol

from mattebox.client import ApiError, ConnectionFailedError, CutOut, MatteboxError, TimedOutError
from mattebox.remove.errors import StopJobError
from mattebox.remove.pace import Pace, random_share_s
from mattebox.remove.verdict import Verdict, advice_on, code_of, is_wrong_usage, judge, message_of

ATTEMPTS = 10
"""The most requests for one picture."""
FEW_ATTEMPTS = 4
"""The most where the service has failed, or has never been reached."""

TIMED_OUT_ATTEMPTS = 2
"""The most for one that takes too long: who has waited that long twice has waited enough."""
PICTURES_IN_A_ROW = 3
"""So many that are given up, with no answer to any other between, are the service's failure."""
LONGEST_ASKED_S = 300.0
"""Where a service asks for a longer pause, the job ends, to be gone on with later."""


class Remover(Protocol):
    """Whatever makes cut-outs."""

    async def remove(self, image: bytes) -> CutOut:
        """Makes one out of an encoded image.

        Raises:
            MatteboxError: there is none.
        """


class Asking:
    """Asks for cut-outs on behalf of a whole job, for which one refusal is one of all."""

    def __init__(
        self,
        remover: Remover,
        pace: Pace,
        on_wait: Callable[[float, str], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`on_wait` is told how long nothing will be sent, and the code of the refusal."""
        self._remover = remover
        self._pace = pace
        self._on_wait = on_wait
        self._sleep = sleep
        self._answers = 0
        """How many there were that show that the service does its work."""
        self._given_up = 0
        """How many pictures were since the last of those."""

    async def cut_out(self, image: bytes) -> CutOut:
        """Makes a cut-out of an encoded image.

        Raises:
            MatteboxError: there is none of this picture.
            StopJobError: there would be none of any.
        """
        answers_before = self._answers
        for attempt in count(1):
            asked = await self._ask(image, attempt)
            if isinstance(asked, CutOut):
                return asked
            if attempt >= self._most_attempts(asked):
                raise self._give_up(asked, is_alone=self._answers != answers_before)
            if judge(asked) is Verdict.AGAIN:
                pause_s = _pause_s(asked, attempt)
                self._on_wait(pause_s, code_of(asked))
                await self._sleep(pause_s)
        raise AssertionError  # there is no end of attempts

    async def _ask(self, image: bytes, attempt: int) -> CutOut | MatteboxError:
        """Asks once; returns a failure after which another attempt makes sense."""
        async with self._pace.turn() as turn:
            try:
                cut_out = await self._remover.remove(image)
            except MatteboxError as error:
                problem = error
            else:
                self._note_answer()
                self._pace.go_on()
                return cut_out
            verdict = judge(problem)
            if _asked_s(problem) > LONGEST_ASKED_S:
                raise _put_off_by(problem)
            if verdict is Verdict.SLOW_DOWN:
                # Within the turn, so that whoever is next in line has to wait as well.
                pause_s = _pause_s(problem, attempt)
                self._pace.slow_down(turn, pause_s)
                self._on_wait(pause_s, code_of(problem))
        if verdict is Verdict.STOP:
            raise _stopped_by(problem)
        if verdict is Verdict.FAIL:
            self._note_answer()
            raise problem
        return problem

    def _note_answer(self) -> None:
        self._answers += 1
        self._given_up = 0

    def _give_up(self, error: MatteboxError, *, is_alone: bool) -> MatteboxError | StopJobError:
        """Tells what ends: this picture or, where it is not alone with its bad luck, the job."""
        if isinstance(error, ConnectionFailedError):
            return error if is_alone else _stopped_by(error)
        self._given_up += 1
        if self._given_up < PICTURES_IN_A_ROW:
            return error
        return _stopped_by(error, f" So it was for {self._given_up} pictures in a row.")

    def _most_attempts(self, error: MatteboxError) -> int:
        """Tells how patient to be: less with what hardly passes, as the wrong address."""
        if isinstance(error, TimedOutError):
            return TIMED_OUT_ATTEMPTS
        if isinstance(error, ApiError):
            return ATTEMPTS if judge(error) is Verdict.SLOW_DOWN else FEW_ATTEMPTS
        return ATTEMPTS if self._answers else FEW_ATTEMPTS


def _pause_s(error: MatteboxError, attempt: int) -> float:
    """What the service asks for, and a random share on top."""
    return _asked_s(error) + random_share_s(attempt)


def _asked_s(error: MatteboxError) -> float:
    return (error.retry_after_s or 0.0) if isinstance(error, ApiError) else 0.0


def _put_off_by(error: MatteboxError) -> StopJobError:
    return StopJobError(
        f"{code_of(error)}: {message_of(error)} The service asks for a pause of"
        f" {math.ceil(_asked_s(error))} s: go on after that with --resume."
    )


def _stopped_by(error: MatteboxError, since: str = "") -> StopJobError:
    why = f"{code_of(error)}: {message_of(error)}{since} {advice_on(error)}"
    return StopJobError(why, is_wrong_usage=is_wrong_usage(error))
