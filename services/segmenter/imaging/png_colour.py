"""What a PNG says of its colours beside an ICC profile, put as one: cICP, sRGB, gAMA and cHRM.

Source: PNG, third edition (W3C, 2025), sections 11.3.2 and 12.1: of several chunks the first counts
that is understood, in the order cICP, iCCP, sRGB, gAMA with cHRM.
"""

import struct
from collections.abc import Mapping

from segmenter.imaging.profile import Curve, Point, Primaries, grey_profile, rgb_profile

_MOST_CHUNKS = 16_384
_SIGNATURE_BYTES = 8
_LENGTHS = {b"cICP": 4, b"sRGB": 1, b"gAMA": 4, b"cHRM": 32}

_D65: Point = (0.3127, 0.3290)
_REC_709 = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65)
_SRGB = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)

# Numbers of Rec. ITU-T H.273, as far as a profile can hold what they mean: PQ and HLG are not.
_PRIMARIES: Mapping[int, Primaries] = {
    1: _REC_709,
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
}
_REC_709_CURVE = Curve(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_CURVES: Mapping[int, Curve] = {
    1: _REC_709_CURVE,
    4: Curve(2.2),
    5: Curve(2.8),
    6: _REC_709_CURVE,
    8: Curve(1.0),
    13: _SRGB,
    14: _REC_709_CURVE,
    15: _REC_709_CURVE,
}
_RGB_FULL_RANGE = (0, 1)

_GAMMA_OF_SRGB = 1 / 2.2
_SAME_GAMMA = 0.05
"""Within so much, as a share, gAMA means sRGB: the limit that libpng has."""

_SAME_POINT = 0.005
_GAMMAS = (0.1, 10.0)
"""Beyond, it is a mistake."""


def png_profile(data: bytes, mode: str, icc_profile: object) -> object:
    """Gives the profile that tells a PNG's colours; None where they are in sRGB.

    Chunks that are broken, or that say what no profile can, count as absent.

    Args:
        data: the encoded PNG.
        mode: "L" for grey, anything else for RGB.
        icc_profile: what the decoder found in iCCP, None where there is none.
    """
    chunks = _colour_chunks(data)
    try:
        found = _by_number(chunks)
        if found is None and (icc_profile is not None or b"sRGB" in chunks):
            return icc_profile
        primaries, curve = found or _by_gamma(chunks)
        if curve == _SRGB and (mode == "L" or primaries == _REC_709):
            return None
        return grey_profile(curve) if mode == "L" else rgb_profile(primaries, curve)
    except ValueError:
        return icc_profile


def _colour_chunks(data: bytes) -> dict[bytes, bytes]:
    """Reads the chunks before the pixels; of several of a kind, the first."""
    chunks: dict[bytes, bytes] = {}
    position = _SIGNATURE_BYTES
    for _ in range(_MOST_CHUNKS):
        if position + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"IDAT":
            break
        if _LENGTHS.get(kind) == length and position + 8 + length <= len(data):
            chunks.setdefault(kind, data[position + 8 : position + 8 + length])
        position += 12 + length
    return chunks


def _by_number(chunks: Mapping[bytes, bytes]) -> tuple[Primaries, Curve] | None:
    if b"cICP" not in chunks:
        return None
    primaries, curve, *layout = chunks[b"cICP"]
    if tuple(layout) != _RGB_FULL_RANGE or primaries not in _PRIMARIES or curve not in _CURVES:
        return None
    return _PRIMARIES[primaries], _CURVES[curve]


def _by_gamma(chunks: Mapping[bytes, bytes]) -> tuple[Primaries, Curve]:
    """Reads gAMA and, beside it, cHRM, which browsers ignore when it is alone."""
    if b"gAMA" not in chunks:
        return _REC_709, _SRGB
    gamma = int.from_bytes(chunks[b"gAMA"], "big") / 100_000
    if not _GAMMAS[0] <= gamma <= _GAMMAS[1]:
        return _REC_709, _SRGB
    primaries = _chromaticities(chunks.get(b"cHRM"))
    plain = primaries == _REC_709 and abs(gamma / _GAMMA_OF_SRGB - 1) <= _SAME_GAMMA
    return primaries, _SRGB if plain else Curve(1 / gamma)


def _chromaticities(chunk: bytes | None) -> Primaries:
    if chunk is None:
        return _REC_709
    values = [value / 100_000 for value in struct.unpack(">8I", chunk)]
    white, red, green, blue = zip(values[::2], values[1::2], strict=True)
    told = Primaries(red, green, blue, white)
    known = (_REC_709.white, _REC_709.red, _REC_709.green, _REC_709.blue)
    expected = [value for point in known for value in point]
    same = all(abs(a - b) <= _SAME_POINT for a, b in zip(values, expected, strict=True))
    return _REC_709 if same else told
