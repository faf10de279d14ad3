"""Compresses the filtered rows of a PNG as one deflate stream, each stretch by what suits it.

Photos have nothing that repeats but what is cleared, and are smaller by codes alone, in less than
half the time. Drawings and letters do repeat: ISA-L looks for that. Some rows of each stretch are
compressed in both ways, and tell which it is to be.
"""

from typing import Any

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from segmenter.imaging.kernels.deflate import Deflater

_RAW_DEFLATE = -15
_LEVEL = 1
"""Of ISA-L's 0 to 3: 0 is no faster here, 2 gains half a per cent, 3 is slower and larger."""

_STRETCH_BLOCKS = 8
_SAMPLE_BYTES = 65_536
_NEARLY_NOTHING = 1 / 64
"""What is compressed to less tells nothing: it is cleared, and small in both ways."""

_WORTH_A_SEARCH = 0.85
"""By codes alone a drawing is several times as large, a photo a few per cent smaller."""


class Deflating:
    """One stream, without the frame of zlib or gzip. Belongs to one thread."""

    def __init__(self) -> None:
        self._codes = Deflater()
        self._search: Any = None
        self._blocks_left = 0

    def block(self, data_u8: NDArray[np.uint8]) -> bytes:
        """Compresses some rows, in an array without gaps, and gives what is ready of the stream."""
        change = b""
        if not self._blocks_left:
            change = self._choose(data_u8.ravel()[:_SAMPLE_BYTES])
        self._blocks_left -= 1
        if self._search is None:
            return change + self._codes.block(data_u8)
        searched: bytes = self._search.compress(data_u8)
        return change + searched

    def flush(self) -> bytes:
        """Ends on a byte, so that other blocks can be put behind it (a sync flush)."""
        if self._search is None:
            return self._codes.flush()
        rest: bytes = self._search.flush(isal_zlib.Z_SYNC_FLUSH)
        return rest

    def finish(self) -> bytes:
        """Ends the stream."""
        rest = b"" if self._search is None else self.flush()
        return rest + self._codes.finish()

    def _choose(self, sample_u8: NDArray[np.uint8]) -> bytes:
        """Judges the next stretch by its first rows; gives what ends the one before."""
        by_codes = len(Deflater().block(sample_u8))
        if by_codes < _NEARLY_NOTHING * sample_u8.size:
            self._blocks_left = 1
            return b""
        self._blocks_left = _STRETCH_BLOCKS
        searched = isal_zlib.compress(sample_u8, _LEVEL, _RAW_DEFLATE)
        wants_search = len(searched) < _WORTH_A_SEARCH * by_codes
        if wants_search is (self._search is not None):
            return b""
        ending = self.flush()
        # Made anew: one may refer only to what it has seen itself.
        self._search = (
            isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _RAW_DEFLATE)
            if wants_search
            else None
        )
        return ending
