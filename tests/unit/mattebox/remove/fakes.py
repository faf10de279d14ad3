"""What stands for a service in tests of the command that need none."""

import asyncio
from collections.abc import Callable

from mattebox.client import CutOut, MatteboxError

IMAGE = b"a picture"


def cut_out(image: bytes = b"a cut-out", *, found: bool = True) -> CutOut:
    return CutOut(
        image=image,
        media_type="image/png",
        width_px=2000,
        height_px=1000,
        foreground_found=found,
        request_id="req_1",
        timings_ms={},
    )


class FakeRemover:
    """Answers each request by its number, from 1 on, and counts how many there are at a time."""

    def __init__(self, answer: Callable[[int], CutOut | MatteboxError] | None = None) -> None:
        self._answer = answer or (lambda _number: cut_out())
        self.images: list[bytes] = []
        self.running = 0
        self.most_running = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def remove(self, image: bytes) -> CutOut:
        self.images.append(image)
        number = len(self.images)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        finally:
            self.running -= 1
        answer = self._answer(number)
        if isinstance(answer, MatteboxError):
            raise answer
        return answer


class Naps:
    """Pauses that take no time."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    async def __call__(self, duration_s: float) -> None:
        self.naps.append(duration_s)
        await asyncio.sleep(0)
