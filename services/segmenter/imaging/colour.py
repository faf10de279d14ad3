"""Colour spaces: everything becomes RGB, in sRGB or in the RGB profile that the source carries.

A profile that is broken, oversized or of another kind than the pixels never fails an image; the
pixels then count as sRGB.
"""

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageCms

MAX_PROFILE_BYTES = 4 << 20

# Device and colour-space profiles; links, abstract and named-colour ones describe no pixels.
_CLASSES = frozenset({"mntr", "scnr", "prtr", "spac"})
_SPACES = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK", "LAB": "Lab "}


def to_rgb(image: Image.Image, icc_profile: object) -> tuple[Image.Image, bytes | None]:
    """Converts an image of an 8-bit mode without alpha to RGB.

    An RGB image comes back as it is, with its profile if that is sound. Any other is converted
    to sRGB, through its profile or else plainly; the profile is then None.

    Args:
        image: of mode 1, L, RGB, RGBX, CMYK, YCbCr or LAB.
        icc_profile: what the decoder handed out, which may be anything.
    """
    profile = icc_profile if isinstance(icc_profile, bytes) else None
    transform = _to_srgb_transform(profile, image.mode)
    if image.mode == "RGB":
        return image, profile if transform else None
    if transform is None:
        return image.convert("RGB"), None
    return _grey_through(transform, image) if image.mode == "L" else transform.apply(image), None


def to_srgb(rgb: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """Converts RGB pixels from the colour space of a profile to sRGB.

    The same image comes back where there is no profile, or none that can be applied.
    """
    convert = srgb_conversion(icc_profile)
    return convert(rgb) if convert else rgb


def srgb_conversion(icc_profile: bytes | None) -> Callable[[Image.Image], Image.Image] | None:
    """Makes what converts RGB pixels from the colour space of a profile to sRGB.

    It may be used from several threads. None where there is no profile, or none that can be
    applied.
    """
    transform = _to_srgb_transform(icc_profile, "RGB")
    return transform.apply if transform else None


def _grey_through(transform: ImageCms.ImageCmsTransform, grey: Image.Image) -> Image.Image:
    """Converts grey by a table: all of its levels go through the profile, exactly, and once."""
    levels = Image.frombytes("L", (256, 1), bytes(range(256)))
    tables = transform.apply(levels).split()
    return Image.merge("RGB", [grey.point(list(table.tobytes())) for table in tables])


def _to_srgb_transform(icc_profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    if not icc_profile or len(icc_profile) > MAX_PROFILE_BYTES:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc_profile))
        about = profile.profile
        # A profile of another kind would have its tables read as if for these pixels.
        if about.xcolor_space != _SPACES.get(mode) or about.device_class not in _CLASSES:
            return None
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        if mode == "L":
            # As littlecms optimises it, dark grey of linear light is off by ten levels.
            flags |= ImageCms.Flags.NOOPTIMIZE
        return ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
