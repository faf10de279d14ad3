"""The story of one request, from encoded image to encoded cut-out."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bounds import Share
from segmenter.admission import Admission
from segmenter.cpu_pool import CpuPool, idle_strips
from segmenter.deadline import Deadline
from segmenter.decoder import Decoder
from segmenter.encoder import Encoder
from segmenter.errors import DeadlinePassedError
from segmenter.imaging.compose import Rows
from segmenter.imaging.encode import check_sides, extra_cost_px
from segmenter.imaging.header import Header, check_bytes
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.matte import Answer, Matte, begun
from segmenter.imaging.model_input import View, view
from segmenter.imaging.picture import Picture, fitted_size
from segmenter.imaging.rendering import rendered
from segmenter.inference.engine import ModelSpec
from segmenter.job import Job
from segmenter.options import CutOutOptions, OutputFormat
from segmenter.sight import Sight
from segmenter.timings import Stage, StageClock


@dataclass(frozen=True, slots=True)
class CutOut:
    """A finished picture."""

    image: bytes
    format: OutputFormat
    width_px: int
    height_px: int
    foreground_found: bool
    model: str
    timings: Mapping[Stage, float]
    """Seconds."""


class Pipeline:
    """Cuts subjects out. Pixel code runs on the pool's threads, never on the event loop."""

    def __init__(
        self,
        decoder: Decoder,
        admission: Admission,
        sight: Sight,
        pool: CpuPool,
        limits: ImageLimits,
    ) -> None:
        self._decoder = decoder
        self._admission = admission
        self._sight = sight
        self._pool = pool
        self._encoder = Encoder(pool)
        self._limits = limits

    def check(self, caller: str, encoded_bytes: int) -> None:
        """Tells whether an image of so many bytes would be taken in now.

        Raises:
            TooManyBytesError: there are more than accepted.
            OverloadedError: there is too much to do.
        """
        check_bytes(encoded_bytes, self._limits)
        self._admission.check(caller, encoded_bytes)

    def hold(self, caller: str, encoded_bytes: int) -> AbstractContextManager[Share]:
        """Takes in an image of so many bytes, which has come or is announced, for the context.

        Raises:
            SegmenterError: as `check` does.
        """
        self.check(caller, encoded_bytes)
        return self._admission.hold(caller, encoded_bytes)

    async def cut_out(self, image: bytes, options: CutOutOptions, job: Job) -> CutOut:
        """Removes the background of one encoded image, whose bytes are held.

        Raises:
            SegmenterError: any of its kinds; nothing else is foreseen.
        """
        batcher = self._sight.batcher(options.model)
        with job.clock.measure(Stage.DECODE):
            header = await self._read_header(image, job.deadline)
        check_sides(options.answer_format, *self._answer_size(header, options))
        cost_px = max(self._cost_px(header, options), self._sight.cost_px(batcher.spec))
        async with self._admission.admit(job.caller, cost_px, job.deadline) as waited_s:
            job.clock.add(Stage.QUEUE, waited_s)
            enough_px = self._enough_px(header, options, batcher.spec)
            picture = await self._decode(image, header, enough_px, job)
            # Once more, since some formats tell their true size only now.
            check_sides(options.answer_format, *picture.fitted_size(self._max_pixels(options)))
            whole = await self._view(picture, batcher.spec, job)
            picture = await self._fit(picture, options, job.clock)
            answers = await self._sight.answers(whole, picture, batcher, job)
            cover = await self._matte(answers, picture, job)
            job.deadline.check()
            rows = await self._render(picture, cover, options, job.clock)
            encoded = await self._encoder.encode(rows, options.answer_format, job.clock)
        return CutOut(
            image=encoded,
            format=options.answer_format,
            width_px=rows.width_px,
            height_px=rows.height_px,
            foreground_found=cover.foreground_found,
            model=batcher.spec.name,
            timings=job.clock.finish(),
        )

    def _answer_size(self, header: Header, options: CutOutOptions) -> tuple[int, int]:
        """Tells width and height of the answer, as early as they are known."""
        return fitted_size(header.width_px, header.height_px, self._max_pixels(options))

    def _enough_px(
        self, header: Header, options: CutOutOptions, spec: ModelSpec
    ) -> tuple[int, int] | None:
        """Tells at which width and height nothing would be lost; None is at the full ones.

        Twice the answer's sides leave the filter something to choose from.
        """
        answer_size = self._answer_size(header, options)
        if answer_size == (header.width_px, header.height_px):
            return None
        network_px = max(spec.input_height_px, spec.input_width_px)
        width_px, height_px = (max(2 * side_px, network_px) for side_px in answer_size)
        return width_px, height_px

    def _cost_px(self, header: Header, options: CutOutOptions) -> int:
        """Tells how much memory a request will take, in pixels of pictures in work."""
        answer_px = min(header.pixels, self._max_pixels(options))
        return header.pixels + extra_cost_px(options.answer_format, answer_px)

    def _max_pixels(self, options: CutOutOptions) -> int:
        limit = self._limits.max_output_pixels
        return min(options.max_pixels or limit, limit)

    async def _read_header(self, image: bytes, deadline: Deadline) -> Header:
        """Reads what admission goes by; some formats take their turn in a guarded process."""
        try:
            async with asyncio.timeout(deadline.remaining_s):
                return await self._decoder.read_header(image)
        except TimeoutError:
            raise DeadlinePassedError("The deadline passed before the image was read.") from None

    async def _decode(
        self,
        image: bytes,
        header: Header,
        enough_px: tuple[int, int] | None,
        job: Job,
    ) -> Picture:
        job.deadline.check()
        with job.clock.measure(Stage.DECODE):
            return await self._decoder.decode(image, header, job.deadline.remaining_s, enough_px)

    async def _view(self, picture: Picture, spec: ModelSpec, job: Job) -> View:
        job.deadline.check()
        with job.clock.measure(Stage.MODEL_INPUT):
            return await self._pool.run(view, picture, spec.input_height_px, spec.input_width_px)

    async def _fit(self, picture: Picture, options: CutOutOptions, clock: StageClock) -> Picture:
        """Scales down to the size of the answer, after the network has had all pixels there are.

        A matte that is enlarged to that size is the one that would be scaled down to it.
        """
        max_pixels = self._max_pixels(options)
        if picture.width_px * picture.height_px <= max_pixels:
            return picture
        with clock.measure(Stage.DECODE):
            return await self._pool.run(picture.fitted, max_pixels)

    async def _matte(self, answers: Sequence[Answer], picture: Picture, job: Job) -> Matte:
        job.deadline.check()
        with job.clock.measure(Stage.MATTE):
            work = await self._pool.run(begun, answers, picture)
            strips = idle_strips(self._pool, picture.width_px, picture.height_px)
            await self._pool.run_all(partial(work.paint, *strip) for strip in strips)
        return work.matte

    async def _render(
        self, picture: Picture, cover: Matte, options: CutOutOptions, clock: StageClock
    ) -> Rows:
        with clock.measure(Stage.COMPOSE):
            return await self._pool.run(rendered, picture, cover, options)
