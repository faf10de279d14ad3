"""The interface behind which the engines stand, and what the segmenter knows of a network."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class CommercialUse(StrEnum):
    """Whether a network's weights may be used commercially."""

    YES = "yes"
    UNCLEAR = "unclear"
    NO = "no"


@dataclass(frozen=True, slots=True)
class ModelTerms:
    """What the installation of a network wrote down of its weights, for callers to read.

    Empty, or None, where it wrote nothing.
    """

    title: str = ""
    licence: str = ""
    """An SPDX identifier."""
    licence_source: str = ""
    """Where the licence stands."""
    commercial_use: CommercialUse | None = None
    commercial_use_note: str = ""
    source: str = ""
    """Who made the weights."""
    source_sha256: str = ""
    """Of the published file, in hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What must be known to feed a network and to read its answer.

    Every network takes ``image`` uint8 [N, H, W, 3] in sRGB and gives ``alpha`` float32 [N, H, W]
    in 0..1; what else differs between networks lies inside their graphs.
    """

    name: str
    input_height_px: int
    input_width_px: int
    max_batch_size: int
    known_answer: tuple[float, ...] | None
    """The fingerprint of the matte of `known_answer.picture`, where the configuration has one."""
    terms: ModelTerms = ModelTerms()


class Engine(Protocol):
    """Runs networks. Safe to call from many tasks of one event loop."""

    async def spec(self, model: str) -> ModelSpec:
        """Describes a loaded network.

        Raises:
            EngineUnavailableError: the engine cannot be reached, or has not loaded the network.
            EngineFailedError: its configuration does not keep to the one tensor contract.
        """

    async def ready(self, model: str) -> bool:
        """Tells whether the network can be run now. Never raises."""

    async def infer(
        self, model: str, batch_u8: NDArray[np.uint8], timeout_s: float, *, alone: bool = True
    ) -> NDArray[np.float32]:
        """Computes mattes, float32 [N, H, W] in 0..1, of pictures, uint8 [N, H, W, 3] in sRGB.

        `alone` says that the caller has nothing else to do beside it, for the engine or on cores:
        then an engine may spread one picture over several of them.

        Raises:
            OverloadedError: the engine's own queue is full.
            DeadlinePassedError: `timeout_s` passed, here or in the engine's queue.
            EngineUnavailableError: the engine cannot be reached, or is unloading or broken.
            EngineFailedError: it answered with an error, or with another shape or type.
        """

    async def close(self) -> None:
        """Lets go of connections, threads and memory."""
