"""From an encoded picture and a known matte to the answer's file: all steps but the network."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from segmenter.imaging import encode, png, tiff
from segmenter.imaging.decode import decode
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.options import CutOutOptions, OutputFormat

LIMITS = ImageLimits()

PICTURE_FORMATS = [
    each for each in OutputFormat if each not in {OutputFormat.AUTO, OutputFormat.ZIP}
]
"""Those whose file is one picture of that very format."""


def decoded(data: bytes) -> Picture:
    return decode(data, read_header(data, LIMITS), LIMITS)


def cut_out(picture: Picture, alpha_u8: NDArray[np.uint8], options: CutOutOptions) -> Image.Image:
    """Gives the answer's file, opened."""
    rows = rendered(picture, Matte(alpha_u8, foreground_found=True), options)
    match options.answer_format:
        case OutputFormat.PNG:
            file = png.assemble(rows, [png.encode_strip(rows, 0, rows.height_px)])
        case OutputFormat.TIFF:
            file = tiff.assemble(rows, [tiff.encode_strip(rows, 0, rows.height_px)])
        case _:
            canvas = encode.canvas(rows)
            encode.paint(canvas, rows, 0, rows.height_px)
            file = encode.encode(canvas, rows, options.answer_format)
    image = Image.open(io.BytesIO(file), formats=[options.answer_format.name])
    image.load()
    return image


def whole(data: bytes, options: CutOutOptions | None = None) -> Image.Image:
    """Gives the answer for a picture that is all subject, as far as it is opaque by itself."""
    picture = decoded(data)
    alpha_u8 = np.full((picture.height_px, picture.width_px), 255, np.uint8)
    if picture.alpha:
        alpha_u8 = np.array(picture.alpha)
    return cut_out(picture, alpha_u8, options or CutOutOptions())


def as_shown(image: Image.Image) -> NDArray[np.int64]:
    """Gives the sRGB values that a viewer with colour management shows, [H, W, 3]."""
    rgb = image.convert("RGB")
    profile = image.info.get("icc_profile")
    if profile:
        srgb = ImageCms.createProfile("sRGB")
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(rgb, source, srgb)
        assert converted is not None
        rgb = converted
    return np.asarray(rgb).astype(np.int64)
