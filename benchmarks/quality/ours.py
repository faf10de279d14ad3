"""Cuts out with Mattebox's own pipeline, in this process, as the service would."""

import asyncio
import statistics
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.own_pipeline import Unobserved, own_pipeline
from segmenter.deadline import Deadline
from segmenter.imaging import png
from segmenter.imaging.decode import decode
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.matte import Matte
from segmenter.imaging.rendering import rendered
from segmenter.job import Job
from segmenter.options import CutOutOptions
from segmenter.settings import EngineKind, EngineSettings, SegmenterSettings
from segmenter.sight import Quality
from segmenter.sources import Sources
from segmenter.timings import Stage

MODEL = "u2netp"

QUALITIES = {f"ours, {quality}": quality for quality in Quality}
"""The service's settings of how good a matte gets, by the names of methods."""

OPTIONS = CutOutOptions()
"""What is measured: an answer to a request without options."""

_LIMITS = ImageLimits()
_DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What the cut-outs took."""

    runs_a_picture: float
    """How often the network ran, on average."""

    seconds: float
    """Median time of a picture from its file's bytes to its PNG's."""


class _Tally(Unobserved):
    """Counts what the network is asked."""

    def __init__(self) -> None:
        self.runs = 0
        self.seconds: list[float] = []

    def cost(self) -> Cost:
        """Sums up all pictures so far."""
        return Cost(self.runs / len(self.seconds), statistics.median(self.seconds))

    def batch_finished(self, model: str, size: int, seconds: float) -> None:  # noqa: ARG002 - there is but one
        """Adds the pictures of a batch."""
        self.runs += size


def cut_out_all(
    pictures: Mapping[str, Path],
    repository: Path,
    target: Path,
    methods: Collection[str] = tuple(QUALITIES),
) -> dict[str, Cost]:
    """Writes the service's PNGs of every picture, under its name, a folder a method.

    The methods take their turns at each picture, so that a busy machine slows all of them.

    Raises:
        SegmenterError: the model is not installed, or a picture could not be cut out.
    """
    for method in methods:
        (target / method).mkdir(parents=True, exist_ok=True)
    return asyncio.run(_cut_out_all(pictures, repository, target, methods))


def with_alpha(image: bytes, alpha_u8: NDArray[np.uint8]) -> bytes:
    """Renders a picture's PNG with a matte that is given, uint8 [H, W]: only colours are ours."""
    picture = decode(image, read_header(image, _LIMITS), _LIMITS)
    rows = rendered(picture, Matte(alpha_u8, foreground_found=True), OPTIONS)
    return png.assemble(rows, [png.encode_strip(rows, 0, rows.height_px)])


async def _cut_out_all(
    pictures: Mapping[str, Path], repository: Path, target: Path, methods: Collection[str]
) -> dict[str, Cost]:
    tallies = {method: _Tally() for method in methods}
    async with AsyncExitStack() as stack:
        pipelines = {
            method: await stack.enter_async_context(
                own_pipeline(_settings(repository, QUALITIES[method]), tallies[method])
            )
            for method in methods
        }
        for name, path in pictures.items():
            image = path.read_bytes()
            for method, pipeline in pipelines.items():
                answer = await pipeline.cut_out(
                    Sources(image), OPTIONS, Job("caller", Deadline.after(_DEADLINE_S))
                )
                (target / method / f"{name}.png").write_bytes(answer.image)
                tallies[method].seconds.append(answer.timings[Stage.TOTAL])
    return {method: tally.cost() for method, tally in tallies.items()}


def _settings(repository: Path, quality: Quality) -> SegmenterSettings:
    """The segmenter's settings, but for what is measured here."""
    engine = EngineSettings(
        kind=EngineKind.ONNXRUNTIME, model_repository=repository, models=(MODEL,)
    )
    return SegmenterSettings(quality=quality, engine=engine)
