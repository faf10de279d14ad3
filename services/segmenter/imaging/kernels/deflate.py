"""Compresses filtered pixels to a deflate stream (RFC 1951).

Noise of a camera hardly repeats itself, so that a search for repetitions costs more than it gains:
only runs of zeros are told as such, which is what filters leave of a cleared background. The rest
is Huffman codes (D. A. Huffman, 1952), made anew for each block.
"""

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.kernels.arguments import address
from segmenter.imaging.kernels.library import POINTER, SIZE, kernel

MOST_BYTES = 2**24 - 1
"""Of a block."""

_EMPTY_STORED = b"\0\0\xff\xff"
_MORE_ROOM_BYTES = 1024

_deflate_block = kernel("deflate_block", POINTER, SIZE, POINTER, POINTER, returned=SIZE)


class Deflater:
    """One stream, without the frame of zlib or gzip. Belongs to one thread."""

    def __init__(self) -> None:
        self._room_u8 = np.empty(0, np.uint8)
        self._waiting_u64 = np.zeros(2, np.uint64)

    def block(self, data_u8: NDArray[np.uint8]) -> bytes:
        """Compresses some bytes, in an array without gaps, and gives what is ready of the stream.

        Raises:
            ValueError: there are gaps, or none or more bytes than `MOST_BYTES`.
        """
        if not 1 <= data_u8.size <= MOST_BYTES or not data_u8.flags.c_contiguous:
            raise ValueError(f"a block has 1 to {MOST_BYTES} bytes without gaps")
        # No code has more than twelve bits, and a run takes less than the bytes it stands for.
        room_bytes = data_u8.size * 3 // 2 + _MORE_ROOM_BYTES
        if self._room_u8.size < room_bytes:
            self._room_u8 = np.empty(room_bytes, np.uint8)
        written = _deflate_block(
            address(data_u8, np.uint8),
            data_u8.size,
            address(self._room_u8, np.uint8),
            address(self._waiting_u64, np.uint64),
        )
        return self._room_u8[:written].tobytes()

    def flush(self) -> bytes:
        """Ends on a byte, so that other blocks can be put behind it (a sync flush)."""
        return self._rest(0b000, 3) + _EMPTY_STORED

    def finish(self) -> bytes:
        """Ends the stream, with a last block that is empty."""
        return self._rest(0b0000000_01_1, 10)

    def _rest(self, value: int, length: int) -> bytes:
        held, count = (int(each) for each in self._waiting_u64)
        self._waiting_u64[:] = 0
        return (held | value << count).to_bytes((count + length + 7) // 8, "little")
