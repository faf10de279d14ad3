"""Makes ICC profiles out of primaries and a tone curve, for sources that tell these otherwise."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""A chromaticity: x and y of CIE 1931."""

_D50_XYZ = (0.9642, 1.0, 0.8249)

# M. D. Fairchild, Color Appearance Models: the matrix of Lam and Rigg, which ICC.1 uses too.
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)

_VERSION_4_3 = 0x0430_0000
_HEADER_BYTES, _ENTRY_BYTES = 128, 12


@dataclass(frozen=True, slots=True)
class Primaries:
    """The colours that full red, green and blue are, and that they make together."""

    red: Point
    green: Point
    blue: Point
    white: Point


@dataclass(frozen=True, slots=True)
class Curve:
    """What linear light an encoded value v in 0..1 means.

    It is (a v + b) ^ exponent from v = `linear_below` on, and c v below.
    """

    exponent: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    linear_below: float = 0.0


def rgb_profile(primaries: Primaries, curve: Curve) -> bytes:
    """Makes a display profile of RGB.

    Raises:
        ValueError: the primaries span no colours, or their white is none.
    """
    adaptation = _adaptation(primaries.white)
    columns = adaptation @ _rgb_to_xyz(primaries)
    tone = _curve(curve)
    tags = {
        b"wtpt": _xyz(*_D50_XYZ),
        b"chad": b"sf32" + bytes(4) + _fixed(*adaptation.ravel()),
        b"rXYZ": _xyz(*columns[:, 0]),
        b"gXYZ": _xyz(*columns[:, 1]),
        b"bXYZ": _xyz(*columns[:, 2]),
        b"rTRC": tone,
        b"gTRC": tone,
        b"bTRC": tone,
    }
    return _profile(b"RGB ", tags)


def grey_profile(curve: Curve) -> bytes:
    """Makes a display profile of grey."""
    return _profile(b"GRAY", {b"wtpt": _xyz(*_D50_XYZ), b"kTRC": _curve(curve)})


def _rgb_to_xyz(primaries: Primaries) -> NDArray[np.float64]:
    """Gives the matrix whose columns add up to the white, of Y = 1."""
    points = (primaries.red, primaries.green, primaries.blue)
    columns = np.array([_with_y_1(each) for each in points], np.float64).T
    try:
        shares = np.linalg.solve(columns, np.array(_with_y_1(primaries.white), np.float64))
    except np.linalg.LinAlgError as error:
        raise ValueError("the primaries lie on a line") from error
    scaled: NDArray[np.float64] = np.multiply(columns, shares)
    return scaled


def _adaptation(white: Point) -> NDArray[np.float64]:
    """Gives the matrix from colours under a white to those under D50, linear Bradford."""
    from_cones, to_cones = _BRADFORD @ _with_y_1(white), _BRADFORD @ _D50_XYZ
    if not (from_cones > 0).all():
        raise ValueError("no eye sees such a white")
    matrix: NDArray[np.float64] = (
        np.linalg.inv(_BRADFORD) @ np.diag(to_cones / from_cones) @ _BRADFORD
    )
    return matrix


def _with_y_1(point: Point) -> tuple[float, float, float]:
    x, y = point
    if not y > 0:
        raise ValueError("a chromaticity has no luminance")
    return x / y, 1.0, (1 - x - y) / y


def _curve(curve: Curve) -> bytes:
    parameters = (curve.exponent, curve.a, curve.b, curve.c, curve.linear_below)
    return b"para" + struct.pack(">IHH", 0, 3, 0) + _fixed(*parameters)


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*values)


def _fixed(*values: float) -> bytes:
    """Writes numbers of 16.16 bits.

    Raises:
        ValueError: one does not fit.
    """
    if not all(abs(value) < 2**15 for value in values):
        raise ValueError("a number does not fit into a profile")
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _text(value: str) -> bytes:
    encoded = value.encode("utf-16-be")
    return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(encoded), 28) + encoded


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Writes a profile: ICC.1:2010, sections 7 and 10."""
    tags = {b"desc": _text("As the PNG says"), b"cprt": _text("CC0"), **tags}
    start = _HEADER_BYTES + 4 + _ENTRY_BYTES * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    header = struct.pack(
        ">I4xI4s4s4s6H4s",
        start + len(body),
        _VERSION_4_3,
        b"mntr",
        space,
        b"XYZ ",
        2024,
        1,
        1,
        0,
        0,
        0,
        b"acsp",
    )
    header += bytes(28) + _fixed(*_D50_XYZ)
    return header.ljust(_HEADER_BYTES, b"\0") + table + body
