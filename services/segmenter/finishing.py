"""From what networks say of a picture to what the answer shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from segmenter import returned
from segmenter.auto_format import is_opaque, may_be_opaque
from segmenter.cpu_pool import CpuPool, idle_strips
from segmenter.imaging.compose import Rows
from segmenter.imaging.encode import check_sides, holds
from segmenter.imaging.facts import Facts, facts_of, is_found
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.matte import Answer, Matte, begun
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendering
from segmenter.job import Job
from segmenter.options import CutOutOptions, OutputFormat
from segmenter.sizing import Sizes
from segmenter.timings import Stage


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer shows, ready to be written."""

    rows: Rows
    matte: Matte
    format: OutputFormat
    file: bytes = b""
    """The file, where there is one already."""


class Finisher:
    """Makes mattes, and answers' pixels out of them, on the pool's threads."""

    def __init__(self, pool: CpuPool, limits: ImageLimits) -> None:
        self._pool = pool
        self._most_px = limits.max_output_pixels

    async def fitted(self, picture: Picture, max_pixels: int, job: Job) -> Picture:
        """Scales down to the size of the answer, after the network has had all pixels there are.

        A matte that is enlarged to that size is the one that would be scaled down to it.
        """
        if picture.width_px * picture.height_px <= max_pixels:
            return picture
        with job.clock.measure(Stage.DECODE):
            return await self._pool.run(picture.fitted, max_pixels)

    async def shown(
        self,
        answers: Sequence[Answer],
        picture: Picture,
        behind: Picture | None,
        sizes: Sizes,
        job: Job,
    ) -> Shown:
        """Makes what an answer shows of a fitted picture, and of one behind it.

        Raises:
            SegmenterError: the answer would be too large, or the deadline passed.
        """
        if sizes.options.answer_format is OutputFormat.AUTO:
            return await self._in_either_format(answers, picture, sizes, job)
        matte = await self._matte(answers, picture, job)
        return await self._rendered(picture, matte, behind, sizes.options, job)

    async def image_itself(self, picture: Picture, file: bytes, sizes: Sizes, job: Job) -> Shown:
        """Shows an image that is its own answer, as large as answers may be.

        Raises:
            InvalidOptionError: the format that is asked for cannot hold it.
        """
        file_format = sizes.format_of_itself
        job.deadline.check()
        fitted = await self.fitted(picture, self._most_px, job)
        check_sides(file_format, fitted.width_px, fitted.height_px)
        matte, rows = await self._pool.run(returned.shown, fitted, file_format)
        serves = fitted is picture and returned.is_in(file_format, sizes.header, picture)
        return Shown(rows, matte, file_format, file if serves else b"")

    async def facts(self, matte: Matte, picture: Picture, options: CutOutOptions) -> Facts:
        """Tells what is known of the subject in the matte of a picture."""
        found = matte.foreground_found
        may_be_hidden = options.region is not None or picture.alpha is not None
        if options.describe_subject:
            facts = await self._pool.run(facts_of, matte, *picture.upright_size)
            return facts if may_be_hidden else replace(facts, foreground_found=found)
        return Facts(await self._pool.run(is_found, matte) if may_be_hidden else found)

    async def _in_either_format(
        self, answers: Sequence[Answer], picture: Picture, sizes: Sizes, job: Job
    ) -> Shown:
        """Shows a JPEG where all pixels are opaque, else a PNG, which may have to be smaller.

        What is opaque but too long for a JPEG is a PNG, too.
        """
        as_png = replace(sizes.options, format=OutputFormat.PNG)
        if not await self._pool.run(may_be_opaque, answers, picture, as_png):
            picture = await self.fitted(picture, sizes.max_png_pixels, job)
        matte = await self._matte(answers, picture, job)
        shown = await self._rendered(picture, matte, None, as_png, job)
        long = not holds(OutputFormat.JPEG, shown.rows.width_px, shown.rows.height_px)
        job.deadline.check()
        if not long and await self._pool.run(is_opaque, shown.rows):
            as_jpeg = replace(sizes.options, format=OutputFormat.JPEG)
            return await self._rendered(picture, matte, None, as_jpeg, job)
        smaller = await self.fitted(picture, sizes.max_png_pixels, job)
        if smaller is picture:
            return shown
        matte = await self._matte(answers, smaller, job)
        return await self._rendered(smaller, matte, None, as_png, job)

    async def _matte(self, answers: Sequence[Answer], picture: Picture, job: Job) -> Matte:
        job.deadline.check()
        with job.clock.measure(Stage.MATTE):
            work = await self._pool.run(begun, answers, picture)
            strips = idle_strips(self._pool, picture.width_px, picture.height_px)
            await self._pool.run_all(partial(work.paint, *strip) for strip in strips)
        return work.matte

    async def _rendered(
        self,
        picture: Picture,
        matte: Matte,
        behind: Picture | None,
        options: CutOutOptions,
        job: Job,
    ) -> Shown:
        steps, rows = rendering(picture, matte, options, behind, self._most_px), None
        while rows is None:
            job.deadline.check()
            with job.clock.measure(Stage.COMPOSE):
                rows = await self._pool.run(next, steps)
        check_sides(options.answer_format, rows.width_px, rows.height_px)
        return Shown(rows, matte, options.answer_format)
