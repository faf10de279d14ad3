"""Parts an image's colour from its transparency, whichever way the source keeps it."""

from PIL import Image

from segmenter.imaging.depth import DEEP_MODES, to_8_bit

# Where the bit depth stands in every PNG.
_PNG_DEPTH_AT = 24


def parted(image: Image.Image, data: bytes) -> tuple[Image.Image, Image.Image | None]:
    """Gives the colour, in a mode of 8 bits and without alpha, and the alpha, mode L.

    The alpha is None where the image is opaque everywhere. `data` are the image's encoded bytes.
    """
    if image.format == "PNG" and image.mode in {"L", "RGB"}:
        _rescale_colour_key(image, data[_PNG_DEPTH_AT])
    if image.mode in DEEP_MODES:
        return to_8_bit(image), _key_alpha(image)
    if not image.has_transparency_data:
        return (image.convert("RGB") if image.mode == "P" else image), None
    grey = image.mode in {"1", "L", "LA", "La"}
    mixed = image if image.mode in {"LA", "RGBA"} else image.convert("LA" if grey else "RGBA")
    alpha = mixed.getchannel("A")
    low, high = alpha.getextrema()
    # Writers of BMP leave the fourth byte zero where they mean no alpha.
    opaque = low == 255 or (high == 0 and image.format == "BMP")
    return mixed.convert("L" if grey else "RGB"), None if opaque else alpha


def _rescale_colour_key(image: Image.Image, depth: int) -> None:
    """Brings the transparent colour of a PNG, given at the file's depth, to 8 bits.

    Pillow does so with the pixels only.
    """
    key = image.info.get("transparency")
    if isinstance(key, tuple) and depth == 16:
        image.info["transparency"] = tuple(sample >> 8 for sample in key)
    elif isinstance(key, int) and depth in {2, 4}:
        image.info["transparency"] = key * (255 // ((1 << depth) - 1))


def _key_alpha(image: Image.Image) -> Image.Image | None:
    """Makes the alpha of deep grey, for which Pillow knows no conversion."""
    key = image.info.get("transparency")
    if not isinstance(key, int) or image.mode in {"I", "F"} or not 0 <= key <= 0xFFFF:
        return None
    alpha = image.convert("I").point([255] * key + [0] + [255] * (0xFFFF - key), "L")
    return None if alpha.getextrema() == (255, 255) else alpha
