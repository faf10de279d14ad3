"""An engine whose answers and troubles are data."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segmenter.errors import DeadlinePassedError, SegmenterError
from segmenter.inference import known_answer
from segmenter.inference.engine import ModelSpec

SIZE_PX = 16


def red_of(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Answers with red over 255."""
    alphas_f32: NDArray[np.float32] = batch_u8[..., 0].astype(np.float32) / 255
    return alphas_f32


def spec(name: str, *, known: bool = True, max_batch_size: int = 4) -> ModelSpec:
    picture_u8 = known_answer.picture(SIZE_PX, SIZE_PX)
    answer = known_answer.fingerprint(red_of(picture_u8)) if known else None
    return ModelSpec(name, SIZE_PX, SIZE_PX, max_batch_size, answer)


@dataclass
class FakeEngine:
    """Runs every network as "red is the subject" until it is told otherwise."""

    specs: dict[str, ModelSpec] = field(default_factory=lambda: {"red": spec("red")})
    answer: Callable[[NDArray[np.uint8]], NDArray[np.float32]] = red_of
    trouble: SegmenterError | None = None
    at_hand: bool = True
    hung: bool = False
    """Whether it leaves calls unanswered, for as long as they may take."""
    runs: int = 0
    looks: int = 0
    closed: bool = False
    timeouts_s: list[float] = field(default_factory=list)

    async def spec(self, model: str) -> ModelSpec:
        self.looks += 1
        if self.trouble:
            raise self.trouble
        return self.specs[model]

    async def ready(self, model: str) -> bool:
        self.looks += 1
        return self.at_hand and model in self.specs

    async def infer(
        self,
        model: str,  # noqa: ARG002 - all networks are alike here
        batch_u8: NDArray[np.uint8],
        timeout_s: float,
        *,
        alone: bool = True,  # noqa: ARG002 - nothing is computed
    ) -> NDArray[np.float32]:
        self.runs += 1
        self.timeouts_s.append(timeout_s)
        if self.hung:
            await asyncio.sleep(timeout_s)
            raise DeadlinePassedError("nothing came")
        if self.trouble:
            raise self.trouble
        return self.answer(batch_u8)

    async def close(self) -> None:
        self.closed = True
