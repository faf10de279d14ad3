"""The story of one request, from encoded image to encoded cut-out."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from segmenter.admission import Admission
from segmenter.cpu_pool import CpuPool
from segmenter.deadline import Deadline
from segmenter.decoder import Decoder
from segmenter.errors import DeadlinePassedError
from segmenter.imaging import png
from segmenter.imaging.compose import CutOutRows, MatteRows, Rows
from segmenter.imaging.header import Header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.matte import Matte, matte
from segmenter.imaging.model_input import model_input
from segmenter.imaging.picture import Picture
from segmenter.inference.batcher import Batcher, Inferred
from segmenter.options import CutOutOptions, OutputChannels, OutputFormat
from segmenter.served_models import ServedModels
from segmenter.timings import Stage, StageClock

_SMALLEST_STRIP_PX = 500_000
"""Below this, handing a strip to another thread costs more than it saves."""


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
        models: ServedModels,
        pool: CpuPool,
        limits: ImageLimits,
    ) -> None:
        self._decoder = decoder
        self._admission = admission
        self._models = models
        self._pool = pool
        self._limits = limits

    async def cut_out(self, image: bytes, options: CutOutOptions, deadline: Deadline) -> CutOut:
        """Removes the background of one encoded image.

        Raises:
            SegmenterError: any of its kinds; nothing else is foreseen.
        """
        clock = StageClock()
        batcher = self._models.batcher(options.model)
        with self._admission.hold(len(image)):
            with clock.measure(Stage.DECODE):
                header = await self._read_header(image, deadline)
            async with self._admission.admit(header.pixels, deadline) as waited_s:
                clock.add(Stage.QUEUE, waited_s)
                picture = await self._decode(image, header, deadline, clock)
                inferred = await self._infer(picture, batcher, deadline, clock)
                deadline.check()
                with clock.measure(Stage.MATTE):
                    cover = await self._pool.run(matte, inferred.alpha_f32, picture)
                deadline.check()
                encoded = await self._encode(_rows(picture, cover, options), clock)
        return CutOut(
            image=encoded,
            format=options.format,
            width_px=picture.width_px,
            height_px=picture.height_px,
            foreground_found=cover.foreground_found,
            model=batcher.spec.name,
            timings=clock.finish(),
        )

    async def _read_header(self, image: bytes, deadline: Deadline) -> Header:
        """Reads what admission goes by; some formats take their turn in a guarded process."""
        try:
            async with asyncio.timeout(deadline.remaining_s):
                return await self._decoder.read_header(image)
        except TimeoutError:
            raise DeadlinePassedError("The deadline passed before the image was read.") from None

    async def _decode(
        self, image: bytes, header: Header, deadline: Deadline, clock: StageClock
    ) -> Picture:
        deadline.check()
        with clock.measure(Stage.DECODE):
            picture = await self._decoder.decode(image, header, deadline.remaining_s)
            if picture.width_px * picture.height_px <= self._limits.max_output_pixels:
                return picture
            return await self._pool.run(picture.fitted, self._limits.max_output_pixels)

    async def _infer(
        self, picture: Picture, batcher: Batcher, deadline: Deadline, clock: StageClock
    ) -> Inferred:
        deadline.check()
        spec = batcher.spec
        with clock.measure(Stage.MODEL_INPUT):
            tensor_u8 = await self._pool.run(
                model_input, picture, spec.input_height_px, spec.input_width_px
            )
        inferred = await batcher.infer(tensor_u8, deadline)
        clock.add(Stage.QUEUE, inferred.queue_s)
        clock.add(Stage.INFER, inferred.infer_s)
        return inferred

    async def _encode(self, rows: Rows, clock: StageClock) -> bytes:
        """Composes and compresses in one go, in as many strips as there are idle threads.

        The two stages share the time they took together as the threads shared it between them.
        """
        started_s = time.monotonic()
        most_strips = rows.width_px * rows.height_px // _SMALLEST_STRIP_PX
        bounds = png.strip_bounds(rows.height_px, min(self._pool.idle_threads, most_strips))
        strips = await asyncio.gather(
            *(self._pool.run(png.encode_strip, rows, top, bottom) for top, bottom in bounds)
        )
        encoded = await self._pool.run(png.assemble, rows, strips)
        elapsed_s = time.monotonic() - started_s
        compose_s = sum(strip.compose_s for strip in strips)
        busy_s = compose_s + sum(strip.encode_s for strip in strips)
        clock.add(Stage.COMPOSE, elapsed_s * compose_s / busy_s)
        clock.add(Stage.ENCODE, elapsed_s * (1 - compose_s / busy_s))
        return encoded


def _rows(picture: Picture, cover: Matte, options: CutOutOptions) -> Rows:
    match options.channels:
        case OutputChannels.RGBA:
            return CutOutRows(picture, cover)
        case OutputChannels.ALPHA:
            return MatteRows(cover)
