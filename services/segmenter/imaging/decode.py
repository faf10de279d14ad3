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


def decode(data: bytes, header: Header, limits: ImageLimits) -> Picture:
    """Decodes an image, of which `read_header` gave the header.

    The result takes 4 bytes a pixel and one more with alpha; decoding takes up to five times
    that. An RGB image whose file is upright is decoded into the result, without a copy.

    Raises:
        InvalidImageError: the image is broken or cut off, or not of the size its header told.
        TooManyPixelsError: the header is over a limit.
    """
    check_size(header, limits)
    picture, orientation = _decoded(data, header)
    turn = _TURNED_UPRIGHT_BY.get(orientation)
    if turn is None:
        return picture
    alpha = picture.alpha.transpose(turn) if picture.alpha else None
    return Picture(picture.rgb.transpose(turn), alpha, picture.icc_profile)


def _decoded(data: bytes, header: Header) -> tuple[Picture, int]:
    """Gives the picture as stored, and the value of its orientation tag."""
    with opened(data, header.format) as image:
        if image.size != (header.width_px, header.height_px):
            raise InvalidImageError("The image contradicts itself about its size.")
        image.load()
        # HEIC tells its true size only now.
        if image.width * image.height > header.pixels:
            raise InvalidImageError("The image is larger than its header says.")
        colour, alpha = parted(image, data)
        profile = image.info.get("icc_profile")
        if header.format is ImageFormat.PNG:
            profile = png_profile(data, colour.mode, profile)
        rgb, icc_profile = to_rgb(colour, profile)
        picture = Picture(_bare(rgb), _bare(alpha) if alpha else None, icc_profile)
        return picture, _orientation(image)


def _orientation(image: ImageFile) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - broken metadata raises anything, and costs no image
        return 1


def _bare(image: Image.Image) -> Image.Image:
    """Frees pixels from what came with them: metadata, decoder, encoded bytes. Copies nothing."""
    return Image.Image()._new(image.im)  # noqa: SLF001 - the public ways copy the pixels
