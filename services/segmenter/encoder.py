"""From rows to an encoded file without blocking the event loop, on as many threads as are idle."""

import time
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from segmenter.cpu_pool import CpuPool, idle_strips
from segmenter.imaging import encode, png, tiff, zip_file
from segmenter.imaging.compose import Rows
from segmenter.options import OutputFormat
from segmenter.timings import Stage, StageClock
from telemetry.tracing import step


class _TimedStrip(Protocol):
    """A strip that knows how long it took its thread."""

    @property
    def compose_s(self) -> float: ...
    @property
    def encode_s(self) -> float: ...


S = TypeVar("S", bound=_TimedStrip)


class Encoder:
    """Composes and encodes answers on the pool's threads."""

    def __init__(self, pool: CpuPool) -> None:
        self._pool = pool

    async def encode(self, rows: Rows, file_format: OutputFormat, clock: StageClock) -> bytes:
        """Computes all rows and writes them to a file; the clock gets the time of both."""
        match file_format:
            case OutputFormat.PNG:
                return await self._in_strips(rows, png.encode_strip, png.assemble, clock)
            case OutputFormat.TIFF:
                return await self._in_strips(rows, tiff.encode_strip, tiff.assemble, clock)
            case OutputFormat.ZIP:
                return await self._in_two(rows, clock)
            case _:
                return await self._as_a_whole(rows, file_format, clock)

    async def _in_strips(
        self,
        rows: Rows,
        encode_strip: Callable[[Rows, int, int], S],
        assemble: Callable[[Rows, list[S]], bytes],
        clock: StageClock,
    ) -> bytes:
        """Composes and compresses in one go.

        The two stages share the time they took together as the threads shared it between them.
        """
        started_s = time.monotonic()
        with step(Stage.ENCODE.value):
            strips = await self._pool.run_all(
                partial(encode_strip, rows, top, bottom)
                for top, bottom in idle_strips(self._pool, rows.width_px, rows.height_px)
            )
            encoded = await self._pool.run(assemble, rows, strips)
        elapsed_s = time.monotonic() - started_s
        compose_s = sum(strip.compose_s for strip in strips)
        busy_s = compose_s + sum(strip.encode_s for strip in strips)
        clock.add(Stage.COMPOSE, elapsed_s * compose_s / busy_s)
        clock.add(Stage.ENCODE, elapsed_s * (1 - compose_s / busy_s))
        return encoded

    async def _as_a_whole(self, rows: Rows, file_format: OutputFormat, clock: StageClock) -> bytes:
        """Composes the whole picture side by side, then encodes it on one thread."""
        with clock.measure(Stage.COMPOSE):
            picture = await self._pool.run(encode.canvas, rows)
            await self._pool.run_all(
                partial(encode.paint, picture, rows, top, bottom)
                for top, bottom in idle_strips(self._pool, rows.width_px, rows.height_px)
            )
        with clock.measure(Stage.ENCODE):
            return await self._pool.run(encode.encode, picture, rows, file_format)

    async def _in_two(self, rows: Rows, clock: StageClock) -> bytes:
        """Composes the whole picture side by side, and encodes its alpha so, then its colours."""
        with clock.measure(Stage.COMPOSE):
            sheets = await self._pool.run(zip_file.sheets, rows)
            await self._pool.run_all(
                partial(sheets.paint, top, bottom)
                for top, bottom in idle_strips(self._pool, rows.width_px, rows.height_px)
            )
        with clock.measure(Stage.ENCODE):
            strips = await self._pool.run_all(
                partial(png.encode_strip, sheets.alpha, top, bottom)
                for top, bottom in idle_strips(self._pool, rows.width_px, rows.height_px)
            )
            return await self._pool.run(zip_file.assemble, sheets, strips)
