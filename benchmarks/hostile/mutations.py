"""Breaks files in the ways that have broken decoders. Pure: a file and a seed give one result."""

import hashlib
import struct
from collections.abc import Callable, Mapping
from random import Random

from benchmarks.hostile.pieces import Field, Piece, pieces, size_fields, with_checksums

_CUTS = 64
_MOST_FLIPS = 16
_LONGEST_RUN_BYTES = 4096
_LONGEST_JUNK_BYTES = 65_536
_ODD_NUMBERS = (0, 1, 2, 255, 256, 16_383, 32_767, 32_768, 65_535, 65_536, 2**31 - 1, 2**32 - 1)

Mutation = Callable[[bytes, bytes, Random], bytes]
"""Takes the file, another one, and where chance comes from."""


def mutated(data: bytes, other: bytes, seed: int) -> tuple[str, bytes]:
    """Breaks a file in one way or in several, and names the ways.

    Args:
        data: the file.
        other: another one, of which parts may be taken over.
        seed: the same one gives the same result for the same two files.
    """
    digest = hashlib.sha256(b"%d %d %d %b%b" % (seed, len(data), len(other), data, other)).digest()
    chance = Random(int.from_bytes(digest, "big"))
    names = chance.sample(sorted(MUTATIONS), k=chance.choice((1, 1, 2, 3)))
    for name in names:
        data = MUTATIONS[name](data, other, chance)
    # Most readers stop at the first wrong checksum, and so would see nothing of the damage.
    if chance.random() < 0.7:
        data = with_checksums(data)
    return " + ".join(names), data


def _bits_flipped(data: bytes, _other: bytes, chance: Random) -> bytes:
    return _flipped(data, chance, lambda: 1 << chance.randrange(8))


def _bytes_flipped(data: bytes, _other: bytes, chance: Random) -> bytes:
    return _flipped(data, chance, lambda: chance.randrange(1, 256))


def _flipped(data: bytes, chance: Random, mask: Callable[[], int]) -> bytes:
    changed = bytearray(data)
    if changed:
        for _ in range(chance.randint(1, _MOST_FLIPS)):
            changed[_place(len(data), chance)] ^= mask()
    return bytes(changed)


def _place(length: int, chance: Random) -> int:
    """Chooses a byte; one of the front half of the time, where headers are."""
    return chance.randrange(min(length, 512) if chance.random() < 0.5 else length)


def _cut_off(data: bytes, _other: bytes, chance: Random) -> bytes:
    return data[: len(data) * chance.randrange(_CUTS) // _CUTS]


def _piece_lost(data: bytes, _other: bytes, chance: Random) -> bytes:
    piece = _any_piece(data, chance)
    return data[: piece.start] + data[piece.end :]


def _piece_doubled(data: bytes, _other: bytes, chance: Random) -> bytes:
    piece = _any_piece(data, chance)
    copies = chance.choice((1, 1, 2, 16))
    return data[: piece.end] + copies * data[piece.start : piece.end] + data[piece.end :]


def _pieces_swapped(data: bytes, _other: bytes, chance: Random) -> bytes:
    one, two = sorted(
        (_any_piece(data, chance), _any_piece(data, chance)), key=lambda piece: piece.start
    )
    if one.end > two.start:
        return data
    return (
        data[: one.start]
        + data[two.start : two.end]
        + data[one.end : two.start]
        + data[one.start : one.end]
        + data[two.end :]
    )


def _length_changed(data: bytes, _other: bytes, chance: Random) -> bytes:
    fields = [piece.length for piece in pieces(data) if piece.length is not None]
    return _number_changed(data, fields, chance)


def _size_changed(data: bytes, _other: bytes, chance: Random) -> bytes:
    return _number_changed(data, size_fields(data), chance)


def _number_changed(data: bytes, fields: list[Field], chance: Random) -> bytes:
    """Sets a field to an odd number, or moves it a little; any four bytes where there is none."""
    if len(data) < 4:
        return data
    field = chance.choice(fields) if fields else Field(_place(len(data) - 3, chance), ">I")
    changed = bytearray(data)
    bits = 8 * struct.calcsize(field.layout)
    (number,) = struct.unpack_from(field.layout.lower(), data, field.at)
    moved = number + chance.choice((-2, -1, 1, 2, number))
    number = chance.choice((chance.choice(_ODD_NUMBERS), moved)) % 2**bits
    struct.pack_into(field.layout.upper(), changed, field.at, number)
    return bytes(changed)


def _spliced(data: bytes, other: bytes, chance: Random) -> bytes:
    """Goes over from one file to the other."""
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _grafted(data: bytes, other: bytes, chance: Random) -> bytes:
    """Puts a piece of the other file between two of this one."""
    piece, graft = _any_piece(data, chance), _any_piece(other, chance)
    return data[: piece.end] + other[graft.start : graft.end] + data[piece.end :]


def _run_written(data: bytes, _other: bytes, chance: Random) -> bytes:
    if not data:
        return data
    start = _place(len(data), chance)
    length = min(chance.randint(1, _LONGEST_RUN_BYTES), len(data) - start)
    return data[:start] + chance.choice((b"\0", b"\xff")) * length + data[start + length :]


def _junk_appended(data: bytes, other: bytes, chance: Random) -> bytes:
    length = chance.randint(1, _LONGEST_JUNK_BYTES)
    junk = chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length), other))
    return data + junk


def _any_piece(data: bytes, chance: Random) -> Piece:
    found = pieces(data)
    return chance.choice(found) if found else Piece(0, len(data))


MUTATIONS: Mapping[str, Mutation] = {
    "bits flipped": _bits_flipped,
    "bytes flipped": _bytes_flipped,
    "cut off": _cut_off,
    "piece lost": _piece_lost,
    "piece doubled": _piece_doubled,
    "pieces swapped": _pieces_swapped,
    "length changed": _length_changed,
    "size changed": _size_changed,
    "spliced": _spliced,
    "grafted": _grafted,
    "run written": _run_written,
    "junk appended": _junk_appended,
}
