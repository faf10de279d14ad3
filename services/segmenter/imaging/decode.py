"""From encoded bytes to an upright picture. Reads the first frame only, and never seeks."""

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

from segmenter.errors import InvalidImageError
from segmenter.imaging.colour import to_rgb
from segmenter.imaging.header import Header, check_size
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.opening import opened
from segmenter.imaging.picture import Picture
from segmenter.imaging.png_colour import png_profile
from segmenter.imaging.sniff import ImageFormat
from segmenter.imaging.transparency import parted

_TURNED_UPRIGHT_BY = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_TURNED_ON_THEIR_SIDE = frozenset({5, 6, 7, 8})


def decode(
    data: bytes,
    header: Header,
    limits: ImageLimits,
    enough_px: tuple[int, int] | None = None,
) -> Picture:
    """Decodes an image, of which `read_header` gave the header.

    A JPEG is decoded at a half, a quarter or an eighth of its sides where that leaves at least
    `enough_px`, the width and height as stored: its decoder then has less to compute.

    The result takes 4 bytes a pixel and one more with alpha; decoding takes up to five times
    that. An RGB image whose file is upright is decoded into the result, without a copy.

    Raises:
        InvalidImageError: the image is broken or cut off, or not of the size its header told.
        TooManyPixelsError: the header is over a limit.
    """
    check_size(header, limits)
    picture, orientation = _decoded(data, header, enough_px)
    turn = _TURNED_UPRIGHT_BY.get(orientation)
    if turn is None:
        return picture
    alpha = picture.alpha.transpose(turn) if picture.alpha else None
    full_size = picture.full_size
    if full_size and orientation in _TURNED_ON_THEIR_SIDE:
        full_size = full_size[::-1]
    rgb = picture.rgb.transpose(turn)
    return Picture(rgb, alpha, picture.icc_profile, full_size, was_turned=True)


def _decoded(data: bytes, header: Header, enough_px: tuple[int, int] | None) -> tuple[Picture, int]:
    """Gives the picture as stored, and the value of its orientation tag."""
    with opened(data, header.format) as image:
        if image.size != (header.width_px, header.height_px):
            raise InvalidImageError("The image contradicts itself about its size.")
        full_size = _drafted(image, enough_px) if enough_px else None
        # Pillow turns a TIFF by itself while it loads, and then says that it is upright.
        was_turned = header.format is ImageFormat.TIFF and _orientation(image) in _TURNED_UPRIGHT_BY
        image.load()
        # HEIC tells its true size only now.
        if image.width * image.height > header.pixels:
            raise InvalidImageError("The image is larger than its header says.")
        colour, alpha = parted(image, data)
        profile = image.info.get("icc_profile")
        if header.format is ImageFormat.PNG:
            profile = png_profile(data, colour.mode, profile)
        rgb, icc_profile = to_rgb(colour, profile)
        bare_alpha = _bare(alpha) if alpha else None
        picture = Picture(_bare(rgb), bare_alpha, icc_profile, full_size, was_turned)
        return picture, _orientation(image)


def _drafted(image: ImageFile, enough_px: tuple[int, int]) -> tuple[int, int] | None:
    """Has a JPEG decoded at a fraction; gives its own size where it will be."""
    full_size = image.size
    if image.format == "JPEG":
        image.draft(None, enough_px)
    return full_size if image.size != full_size else None


def _orientation(image: ImageFile) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - broken metadata raises anything, and costs no image
        return 1


def _bare(image: Image.Image) -> Image.Image:
    """Frees pixels from what came with them: metadata, decoder, encoded bytes. Copies nothing."""
    return Image.Image()._new(image.im)  # noqa: SLF001 - the public ways copy the pixels
