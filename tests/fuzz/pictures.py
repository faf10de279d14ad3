"""What a picture goes through, from its bytes to the bytes of the answer, without network."""

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pillow_heif
from PIL import Image

from bounds import fitted_size
from segmenter.errors import SegmenterError
from segmenter.imaging import encode, png, tiff, zip_file
from segmenter.imaging.compose import Rows
from segmenter.imaging.decode import decode
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.imaging.matte import Answer, matte
from segmenter.imaging.model_input import view
from segmenter.imaging.part import WHOLE
from segmenter.imaging.rendering import rendered
from segmenter.options import CutOutOptions, OutputChannels, OutputFormat
from segmenter.scene_options import Colour
from tests.unit.segmenter.imaging import samples

# Small, so that many pictures go through in a second.
LIMITS = ImageLimits(max_bytes=2**20, max_pixels=250_000, max_output_pixels=40_000)
_NETWORK_PX = 16
_FORMATS = tuple(each for each in OutputFormat if each is not OutputFormat.AUTO)
_BACKGROUNDS = (None, Colour(10, 200, 30), Colour(10, 200, 30, 100))


def set_up() -> None:
    """Makes decoders what they are in the service and in its guarded children."""
    install_pillow_limits(LIMITS)
    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False)


def cut_out(data: bytes) -> bool:
    """Takes a picture, whose last byte also chooses the options, all the way.

    Returns:
        Whether there is an answer, and no refusal.
    """
    try:
        answer = _cut_out(data, options_of(data[-1] if data else 0))
    except SegmenterError as error:
        # An internal error is the one that no picture may bring about.
        if type(error) is SegmenterError:
            raise
        return False
    _check(*answer)
    return True


def options_of(choice: int) -> CutOutOptions:
    """Chooses options by a number; all of them come up below 168."""
    choice, number = divmod(choice, len(_FORMATS))
    choice, ground = divmod(choice, len(_BACKGROUNDS))
    file_format = _FORMATS[number]
    matte_alone = choice & 4 and file_format is not OutputFormat.ZIP
    return CutOutOptions(
        format=file_format,
        channels=OutputChannels.ALPHA if matte_alone else OutputChannels.RGBA,
        crop=bool(choice & 1),
        background=_BACKGROUNDS[ground],
        despill=bool(choice & 2),
    )


def seeds() -> Iterator[bytes]:
    """Small pictures of every format, in many modes."""
    rgb = samples.picture(24, 16)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"):
        for file_format in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"):
            try:
                yield samples.encoded(rgb.convert(mode), file_format)
            except (OSError, ValueError, KeyError, RuntimeError):
                continue  # which the format cannot hold
    profile = samples.icc_profile(b"RGB ", gamma=2.2)
    for file_format in ("PNG", "JPEG", "WEBP", "TIFF"):
        yield samples.encoded(rgb, file_format, icc_profile=profile)
    yield samples.encoded(rgb, "JPEG", progressive=True, exif=_turned())
    yield samples.encoded(rgb, "PNG", save_all=True, append_images=[rgb.rotate(90)])
    yield samples.encoded(rgb, "TIFF", compression="tiff_lzw")
    yield samples.bmp_of_line_ends(8, 8)
    yield samples.png(2, 2, depth=16, colour_type=6, rows=bytes(34))


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def _cut_out(data: bytes, options: CutOutOptions) -> tuple[bytes, CutOutOptions, Rows]:
    header = read_header(data, LIMITS)
    size = fitted_size(header.width_px, header.height_px, LIMITS.max_output_pixels)
    encode.check_sides(options.answer_format, *size)
    picture = decode(data, header, LIMITS, size)
    encode.check_sides(options.answer_format, *picture.fitted_size(LIMITS.max_output_pixels))
    seen = view(picture, _NETWORK_PX, _NETWORK_PX)
    alpha_f32 = seen.tensor_u8[..., 0].astype(np.float32) / 255
    picture = picture.fitted(LIMITS.max_output_pixels)
    rows = rendered(picture, matte([Answer(WHOLE, alpha_f32, seen.guide_u8)], picture), options)
    return _encoded(rows, options.answer_format), options, rows


def _encoded(rows: Rows, file_format: OutputFormat) -> bytes:
    match file_format:
        case OutputFormat.PNG:
            return png.assemble(rows, [png.encode_strip(rows, 0, rows.height_px)])
        case OutputFormat.TIFF:
            return tiff.assemble(rows, [tiff.encode_strip(rows, 0, rows.height_px)])
        case OutputFormat.ZIP:
            sheets = zip_file.sheets(rows)
            sheets.paint(0, rows.height_px)
            strips = [png.encode_strip(sheets.alpha, 0, rows.height_px)]
            return zip_file.assemble(sheets, strips)
        case _:
            picture = encode.canvas(rows)
            encode.paint(picture, rows, 0, rows.height_px)
            return encode.encode(picture, rows, file_format)


def _check(answer: bytes, options: CutOutOptions, rows: Rows) -> None:
    if options.answer_format is OutputFormat.ZIP:
        with zipfile.ZipFile(io.BytesIO(answer)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
        for part, file_format in zip(parts, ("JPEG", "PNG"), strict=True):
            _check_picture(part, file_format, rows)
        return
    mode = _check_picture(answer, options.answer_format.name, rows)
    if options.channels is OutputChannels.ALPHA:
        assert mode == ("RGB" if options.answer_format is OutputFormat.WEBP else "L")


def _check_picture(picture: bytes, file_format: str, rows: Rows) -> str:
    """Gives the mode of a picture of that format, which has to have the size of the rows."""
    with Image.open(io.BytesIO(picture), formats=[file_format]) as image:
        image.load()
        assert image.size == (rows.width_px, rows.height_px)
        return image.mode
