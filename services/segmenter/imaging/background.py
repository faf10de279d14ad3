"""Puts a colour behind a subject, in sRGB, rounded once and to the nearest value."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from segmenter.options import Colour

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
    rgb_u8 = np.asarray(rgb)
    alpha_u32 = alpha_u8.astype(np.uint32)
    # Weights of subject and ground, and their sum: 65,025 is one, so nothing exceeds 2^24.
    ground_u32 = (255 - alpha_u32) * np.uint32(ground.alpha)
    subject_u32 = alpha_u32 * np.uint32(255)
    whole_u32 = subject_u32 + ground_u32
    half_u32 = whole_u32 // 2
    rgba_u8 = np.empty((*alpha_u8.shape, 4), np.uint8)
    for channel, value in enumerate(ground.rgb):
        mixed_u32 = subject_u32 * rgb_u8[..., channel] + ground_u32 * np.uint32(value)
        rgba_u8[..., channel] = (mixed_u32 + half_u32) // whole_u32
    rgba_u8[..., 3] = (whole_u32 + 127) // 255
    return rgba_u8.reshape(rgb.height, -1)


def _over_255(value: int) -> int:
    return (value + 127) // 255
