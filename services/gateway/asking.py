"""Asks a segmenter to take an image, and once more where the one that was asked is gone or frozen.

Safe, since before a segmenter asks for the image none of it was sent and no work has begun.
"""

import asyncio
from collections.abc import Callable

from bounds import RetryBudget
from gateway.errors import ApiError
from gateway.segmenter_call import SegmenterCall
from gateway.segmenter_errors import SegmenterGoneError, told_of_segmenter
from mattebox.segmenter import v1


class Asking:
    """Belongs to one event loop. The channel decides who is asked; the next call, the next one."""

    def __init__(self, accept_timeout_s: float) -> None:
        self._accept_timeout_s = accept_timeout_s
        self._retries = RetryBudget()

    async def accepted(
        self, make_call: Callable[[], SegmenterCall], head: v1.ImageHead
    ) -> SegmenterCall:
        """Returns a call whose segmenter has asked for the image.

        Raises:
            ApiError: whatever the segmenter or the way to it failed with.
        """
        try:
            return await self._ask(make_call(), head)
        except SegmenterGoneError:
            self._retries.note_failure()
            if not self._retries.allows_retry:
                raise
        try:
            return await self._ask(make_call(), head)
        except SegmenterGoneError:
            self._retries.note_failure()
            raise

    async def _ask(self, call: SegmenterCall, head: v1.ImageHead) -> SegmenterCall:
        try:
            async with asyncio.timeout(self._accept_timeout_s):
                await call.ask(head)
        except TimeoutError as error:
            call.close()
            gone = SegmenterGoneError()
            raise told_of_segmenter(gone, "the segmenter did not ask for the image") from error
        except BaseException as error:
            call.close()
            if isinstance(error, ApiError) and not isinstance(error, SegmenterGoneError):
                self._retries.note_success()
            raise
        self._retries.note_success()
        return call
