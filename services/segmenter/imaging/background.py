"""Puts a colour behind a subject, in sRGB, each time rounded once and to the nearest value."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from segmenter.scene_options import Colour

WHITE = Colour(255, 255, 255)


def on_white(colour: Colour | None) -> Colour:
    """Makes the opaque colour that one looks like on white paper; None is no colour at all."""
    if colour is None:
        return WHITE
    red, green, blue = (
        _over_255(value * colour.alpha + 255 * (255 - colour.alpha)) for value in colour.rgb
    )
    return Colour(red, green, blue)


def over_opaque(rgb: Image.Image, alpha_u8: NDArray[np.uint8], ground: Colour) -> NDArray[np.uint8]:
    """Composites RGB pixels over an opaque colour; gives RGB, uint8 [H, W x 3].

    Overwrites `rgb`. Pillow's blend, (a x subject + (255 - a) x ground) / 255, is rounded exactly.
    """
    rgb.paste(ground.rgb, mask=ImageChops.invert(Image.fromarray(alpha_u8)))
    return np.frombuffer(rgb.tobytes(), np.uint8).reshape(rgb.height, -1)


def over_translucent(
    rgb: Image.Image, alpha_u8: NDArray[np.uint8], ground: Colour
) -> NDArray[np.uint8]:
    """Composites RGB pixels over a colour with an alpha of 1 to 254; gives RGBA, uint8 [H, W x 4].

    Straight alpha in and out, the operator "over" of T. Porter and T. Duff, Compositing Digital
    Images, 1984.
    """
    # Of 1 to 254 the ground always has a share: nothing is divided by 0.
    weights = _Weights.of(alpha_u8, np.uint32(ground.alpha))
    rgba_u8 = np.empty((*alpha_u8.shape, 4), np.uint8)
    _mix(np.asarray(rgb), ground.rgb, weights, rgba_u8)
    rgba_u8[..., 3] = (weights.whole_u32 + 127) // 255
    return rgba_u8.reshape(rgb.height, -1)


def over_plane(
    rgb: Image.Image, alpha_u8: NDArray[np.uint8], ground: Colour, plane_u8: NDArray[np.uint8]
) -> Image.Image:
    """Composites RGB pixels over a plane of one colour; gives the colours, mode RGB.

    `plane_u8`, uint8 [H, W], is the alpha of that colour; the colour's own counts no more. The
    alpha of both is `over_alpha`; where that is 0 the colour is any.
    """
    weights = _Weights.of(alpha_u8, plane_u8)
    np.maximum(weights.whole_u32, 1, out=weights.whole_u32)
    mixed_u8 = np.empty((*alpha_u8.shape, 3), np.uint8)
    _mix(np.asarray(rgb), ground.rgb, weights, mixed_u8)
    return Image.fromarray(mixed_u8)


def over_alpha(alpha_u8: NDArray[np.uint8], plane_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Tells the alpha of one plane over another, uint8 [H, W]."""
    both = Image.fromarray(plane_u8)
    # Rounded exactly, as `ImageChops.screen` is not.
    both.paste(255, mask=Image.fromarray(alpha_u8))
    return np.asarray(both)


class _Weights(NamedTuple):
    """How much subject and ground count in each pixel, and their sum, uint32 [H, W].

    65,025 is one, so that nothing exceeds 2^24.
    """

    subject_u32: NDArray[np.uint32]
    ground_u32: NDArray[np.uint32]
    whole_u32: NDArray[np.uint32]

    @classmethod
    def of(cls, alpha_u8: NDArray[np.uint8], ground_alpha: NDArray[np.uint8] | np.uint32) -> Self:
        """Tells them by the alpha of both."""
        alpha_u32 = alpha_u8.astype(np.uint32)
        ground_u32 = (np.uint32(255) - alpha_u32) * ground_alpha
        subject_u32 = alpha_u32 * np.uint32(255)
        return cls(subject_u32, ground_u32, subject_u32 + ground_u32)


def _mix(
    rgb_u8: NDArray[np.uint8],
    ground: tuple[int, int, int],
    weights: _Weights,
    into_u8: NDArray[np.uint8],
) -> None:
    """Writes the weighted means of pixels and ground to the first three channels."""
    half_u32 = weights.whole_u32 // 2
    for channel, value in enumerate(ground):
        mixed_u32 = weights.subject_u32 * rgb_u8[..., channel]
        mixed_u32 += weights.ground_u32 * np.uint32(value)
        into_u8[..., channel] = (mixed_u32 + half_u32) // weights.whole_u32


def _over_255(value: int) -> int:
    return (value + 127) // 255
