"""The encoded pictures of one request: read, judged and decoded, each as what it is."""

import asyncio
import hashlib
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from segmenter.cpu_pool import CpuPool
from segmenter.decoder import Decoder
from segmenter.errors import ABOUT_IMAGES, DeadlinePassedError, SegmenterError
from segmenter.imaging.header import Header, check_bytes, check_size
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.picture import Picture
from segmenter.inference.engine import ModelSpec
from segmenter.job import Job, Notes
from segmenter.options import CutOutOptions, InputAlpha, OutputChannels
from segmenter.sizing import Sizes
from segmenter.timings import Stage


@dataclass(frozen=True, slots=True)
class Sources:
    """Encoded pictures."""

    image: bytes
    background: bytes = b""
    """Goes behind the subject; empty where nothing does."""


class SourceReader:
    """Makes pixels of what requests bring. Belongs to one event loop."""

    def __init__(self, decoder: Decoder, pool: CpuPool, limits: ImageLimits) -> None:
        self._decoder = decoder
        self._pool = pool
        self._limits = limits

    def check_bytes(self, image_bytes: int, background_bytes: int) -> None:
        """Refuses what has too many bytes.

        Raises:
            TooManyBytesError: the image does, or the background.
        """
        check_bytes(image_bytes, self._limits)
        with _about_the_background():
            check_bytes(background_bytes, self._limits)

    async def sizes(self, sources: Sources, options: CutOutOptions, job: Job) -> Sizes:
        """Reads what admission goes by. A matte alone has no background, so that is not looked at.

        Raises:
            SegmenterError: a picture is none, or over a limit, or the answer would be.
        """
        with job.clock.measure(Stage.DECODE):
            header = await self._read_header(sources.image, job)
            _note(header, job.notes)
            if options.max_input_pixels is not None:
                most_px = min(options.max_input_pixels, self._limits.max_pixels)
                check_size(header, replace(self._limits, max_pixels=most_px))
            behind = None
            if sources.background and options.channels is not OutputChannels.ALPHA:
                with _about_the_background():
                    behind = await self._read_header(sources.background, job)
        sizes = Sizes(options, self._limits, header, behind)
        sizes.check()
        return sizes

    async def image(self, sources: Sources, sizes: Sizes, spec: ModelSpec, job: Job) -> Picture:
        """Decodes the image, as large as the answer and the network need it.

        Its hash is noted as soon as a thread has made it, for which nothing here waits.

        Raises:
            SegmenterError: it is broken, or the deadline passed.
        """
        enough_px = sizes.enough_px(max(spec.input_height_px, spec.input_width_px))
        digest = self._pool.submit(_sha256, sources.image)
        digest.add_done_callback(partial(_note_digest, job.notes))
        try:
            picture = await self._decode(sources.image, sizes.header, enough_px, job)
        except BaseException:
            digest.cancel()
            raise
        if sizes.options.input_alpha is InputAlpha.DISCARD:
            return replace(picture, alpha=None)
        return picture

    async def background(self, sources: Sources, sizes: Sizes, job: Job) -> Picture | None:
        """Decodes the background, as large as the answer needs it.

        Raises:
            SegmenterError: it is broken, or the deadline passed.
        """
        if sizes.behind is None:
            return None
        with _about_the_background():
            return await self._decode(
                sources.background, sizes.behind, sizes.enough_px_behind(), job
            )

    async def _read_header(self, encoded: bytes, job: Job) -> Header:
        """Reads a header; some formats take their turn in a guarded process."""
        try:
            async with asyncio.timeout(job.deadline.remaining_s):
                return await self._decoder.read_header(encoded)
        except TimeoutError:
            raise DeadlinePassedError("The deadline passed before the image was read.") from None

    async def _decode(
        self, encoded: bytes, header: Header, enough_px: tuple[int, int] | None, job: Job
    ) -> Picture:
        job.deadline.check()
        with job.clock.measure(Stage.DECODE):
            return await self._decoder.decode(encoded, header, job.deadline.remaining_s, enough_px)


def _note(header: Header, notes: Notes) -> None:
    notes.input_format = header.format.value
    notes.input_width_px, notes.input_height_px = header.width_px, header.height_px


def _note_digest(notes: Notes, digest: Future[str]) -> None:
    """Comes from whatever thread ended the work."""
    if not digest.cancelled() and digest.exception() is None:
        notes.sha256 = digest.result()


def _sha256(encoded: bytes) -> str:
    """Leaves the GIL meanwhile."""
    return hashlib.sha256(encoded).hexdigest()


@contextmanager
def _about_the_background() -> Iterator[None]:
    """Adds to what is told of an image which of both it is."""
    try:
        yield
    except SegmenterError as error:
        if error.reason in ABOUT_IMAGES:
            error.metadata["image"] = "background"
            error.args = (f"The background cannot be used. {error}",)
        raise
