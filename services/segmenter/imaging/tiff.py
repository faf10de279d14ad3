"""Writes TIFF files from rows that are computed as they are compressed.

Pillow leaves TIFF to libtiff and halts all other threads meanwhile, for more than a second at the
largest size. This writer filters with NumPy (the horizontal predictor) and compresses with ISA-L,
in strips that may be made side by side. Sources: TIFF 6.0, Adobe's
Photoshop TIFF technical note 3 (deflate), ICC.1 annex B (profiles).
"""

import itertools
import struct
import time
from dataclasses import dataclass

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from segmenter.imaging.compose import Rows
from segmenter.imaging.strips import block_bounds, rows_a_block

_LEVEL = 1
"""As for PNG."""

_SHORT, _LONG, _RATIONAL, _UNDEFINED = 3, 4, 5, 7

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP, _STRIP_BYTES = 273, 277, 278, 279
_X_RESOLUTION, _Y_RESOLUTION, _PLANAR, _RESOLUTION_UNIT = 282, 283, 284, 296
_PREDICTOR, _EXTRA_SAMPLES, _ICC_PROFILE = 317, 338, 34675

_DEFLATE, _RGB, _INTERLEAVED, _INCH, _HORIZONTAL, _STRAIGHT_ALPHA = 8, 2, 1, 2, 2, 2
_DOTS_AN_INCH = 72

_STRIPS_AT = 8
"""Behind the header."""

_ENTRY_BYTES = 12


@dataclass(frozen=True, slots=True)
class _Field:
    """One entry of the directory."""

    tag: int
    kind: int
    count: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Strip:
    """Some rows, compressed."""

    deflated: list[bytes]
    """Each block by itself: what the file calls a strip."""

    compose_s: float
    encode_s: float


def encode_strip(rows: Rows, top: int, bottom: int) -> Strip:
    """Filters and compresses the rows from `top`, where a block begins, up to `bottom`.

    Strips may run in any order.
    """
    deflated: list[bytes] = []
    compose_s = 0.0
    started_s = time.perf_counter()
    for block_top, block_bottom in block_bounds(top, bottom, rows.width_px):
        composing_s = time.perf_counter()
        block_u8 = rows.block(block_top, block_bottom)
        compose_s += time.perf_counter() - composing_s
        deflated.append(isal_zlib.compress(_differences(block_u8, rows.channels), _LEVEL))
    return Strip(deflated, compose_s, time.perf_counter() - started_s - compose_s)


def assemble(rows: Rows, strips: list[Strip]) -> bytes:
    """Joins all strips of a picture of 3 or 4 channels, from top to bottom, to a TIFF file."""
    blocks = [block for strip in strips for block in strip.deflated]
    sizes = [len(block) for block in blocks]
    *offsets, end = itertools.accumulate(sizes, initial=_STRIPS_AT)
    directory_at = end + end % 2
    header = struct.pack("<2sHI", b"II", 42, directory_at)
    directory = _directory(_fields(rows, offsets, sizes), directory_at)
    return b"".join([header, *blocks, bytes(directory_at - end), directory])


def _differences(block_u8: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Takes from each sample the one of its channel to the left."""
    differences_u8 = np.empty_like(block_u8)
    differences_u8[:, :channels] = block_u8[:, :channels]
    np.subtract(block_u8[:, channels:], block_u8[:, :-channels], out=differences_u8[:, channels:])
    return differences_u8


def _fields(rows: Rows, offsets: list[int], sizes: list[int]) -> list[_Field]:
    """Says what the file holds, in the ascending order of the tags."""
    fields = [
        _longs(_WIDTH, [rows.width_px]),
        _longs(_HEIGHT, [rows.height_px]),
        _shorts(_BITS, [8] * rows.channels),
        _shorts(_COMPRESSION, [_DEFLATE]),
        _shorts(_PHOTOMETRIC, [_RGB]),
        _longs(_STRIP_OFFSETS, offsets),
        _shorts(_SAMPLES, [rows.channels]),
        _longs(_ROWS_PER_STRIP, [rows_a_block(rows.width_px)]),
        _longs(_STRIP_BYTES, sizes),
        _Field(_X_RESOLUTION, _RATIONAL, 1, struct.pack("<2I", _DOTS_AN_INCH, 1)),
        _Field(_Y_RESOLUTION, _RATIONAL, 1, struct.pack("<2I", _DOTS_AN_INCH, 1)),
        _shorts(_PLANAR, [_INTERLEAVED]),
        _shorts(_RESOLUTION_UNIT, [_INCH]),
        _shorts(_PREDICTOR, [_HORIZONTAL]),
    ]
    if rows.channels == 4:
        fields.append(_shorts(_EXTRA_SAMPLES, [_STRAIGHT_ALPHA]))
    if rows.icc_profile is not None:
        profile = rows.icc_profile
        fields.append(_Field(_ICC_PROFILE, _UNDEFINED, len(profile), profile))
    return fields


def _shorts(tag: int, values: list[int]) -> _Field:
    return _Field(tag, _SHORT, len(values), struct.pack(f"<{len(values)}H", *values))


def _longs(tag: int, values: list[int]) -> _Field:
    return _Field(tag, _LONG, len(values), struct.pack(f"<{len(values)}I", *values))


def _directory(fields: list[_Field], at: int) -> bytes:
    """Writes the entries, and behind them the values that are too long for theirs."""
    values_at = at + 2 + len(fields) * _ENTRY_BYTES + 4
    entries, values = bytearray(), bytearray()
    for field in fields:
        value = field.value
        if len(value) > 4:
            values += value + bytes(len(value) % 2)
            value = struct.pack("<I", values_at)
            values_at += len(field.value) + len(field.value) % 2
        entries += struct.pack("<HHI", field.tag, field.kind, field.count) + value.ljust(4, b"\0")
    return struct.pack("<H", len(fields)) + entries + bytes(4) + values
