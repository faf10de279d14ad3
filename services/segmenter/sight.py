"""Has a network look at a picture: once, or oftener for a better matte."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from segmenter.cpu_pool import CpuPool
from segmenter.imaging import fusion
from segmenter.imaging.matte import Answer
from segmenter.imaging.model_input import View, view
from segmenter.imaging.picture import Picture
from segmenter.inference.batcher import Batcher
from segmenter.inference.engine import ModelSpec
from segmenter.job import Job, Place
from segmenter.served_models import ServedModels
from segmenter.timings import Stage


class Quality(StrEnum):
    """How much a matte may cost."""

    FAST = "fast"
    """One run of the network a picture."""

    BALANCED = "balanced"
    """Two, in one batch: the picture and its mirror image."""

    BEST = "best"
    """Two more, in a second batch: the same of the subject alone, where it leaves room."""

    @property
    def runs_at_a_time(self) -> int:
        """How many pictures of one request may wait for the engine at a time."""
        return 1 if self is Quality.FAST else 2


class Sight:
    """Asks networks, and makes the best of what they say."""

    def __init__(self, models: ServedModels, pool: CpuPool, quality: Quality) -> None:
        self._models = models
        self._pool = pool
        self._quality = quality

    def batcher(self, model: str | None) -> Batcher:
        """See `ServedModels.batcher`."""
        return self._models.batcher(model)

    def cost_px(self, spec: ModelSpec) -> int:
        """Tells how much memory looking takes, in pixels of pictures in work.

        It is counted only where a picture takes less itself, as tiny ones before large networks.
        """
        return spec.input_height_px * spec.input_width_px * self._quality.runs_at_a_time

    async def answers(
        self,
        whole: View,
        picture: Picture,
        batcher: Batcher,
        job: Job,
    ) -> list[Answer]:
        """Gives the answer to the whole picture, and a second one where a nearer look helped.

        Args:
            whole: all of the picture, reduced before it was scaled down to the answer's size.
            picture: what nearer looks are taken at.
            batcher: the network's.
            job: the request's.

        Raises:
            SegmenterError: the network could not be run, or the deadline passed.
        """
        first = await self._look(whole, batcher, job)
        if self._quality is not Quality.BEST:
            return [first]
        part = fusion.subject_part(first.alpha_f32, picture.width_px, picture.height_px)
        if part is None:
            return [first]
        job.deadline.check()
        with job.clock.measure(Stage.MODEL_INPUT):
            height, width = batcher.spec.input_height_px, batcher.spec.input_width_px
            nearer = await self._pool.run(view, picture, height, width, part)
        near = await self._look(nearer, batcher, job)
        alpha_f32 = await self._pool.run(fusion.refined, first.alpha_f32, near.alpha_f32, part)
        if alpha_f32 is None:
            return [first]
        return [first, Answer(part, alpha_f32, near.guide_u8)]

    async def _look(self, seen: View, batcher: Batcher, job: Job) -> Answer:
        if self._quality is Quality.FAST:
            (alpha_f32,) = await _inferred([seen.tensor_u8], batcher, job)
        else:
            mirrored_u8 = await self._pool.run(_mirrored, seen.tensor_u8)
            both_u8 = [seen.tensor_u8, mirrored_u8]
            plain_f32, turned_f32 = await _inferred(both_u8, batcher, job)
            alpha_f32 = await self._pool.run(fusion.joined, plain_f32, turned_f32[:, ::-1])
        return Answer(seen.part, alpha_f32, seen.guide_u8)


async def _inferred(
    tensors_u8: Sequence[NDArray[np.uint8]], batcher: Batcher, job: Job
) -> list[NDArray[np.float32]]:
    """Asks about several pictures at one moment, so that they ride in one batch."""
    notes = job.notes
    runs = [
        asyncio.ensure_future(batcher.infer(job.caller, each, job.deadline, notes.at_work))
        for each in tensors_u8
    ]
    notes.place = Place.BATCH_QUEUE
    try:
        inferred = await asyncio.gather(*runs)
    finally:
        # Where one has failed nobody waits for the others: they leave the queue. None is kept, for
        # an error's traceback holds this frame, which would hold the error in turn.
        while runs:
            runs.pop().cancel()
    notes.batch_size = max(notes.batch_size or 0, *(each.batch_size for each in inferred))
    job.clock.add(Stage.QUEUE, max(each.queue_s for each in inferred))
    job.clock.add(Stage.INFER, max(each.infer_s for each in inferred))
    return [each.alpha_f32 for each in inferred]


def _mirrored(tensor_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(tensor_u8[:, ::-1])
