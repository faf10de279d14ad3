"""Takes back the green light that a green screen has cast on a subject."""

from PIL import Image, ImageChops

# Of luma, Rec. ITU-R BT.709: what one level of green adds to it, in ten thousandths.
_GREEN_OF_LUMA = 7152

_LIGHT_OF_SPILL = [(spill * _GREEN_OF_LUMA + 5000) // 10_000 for spill in range(256)]
"""How much neutral light is as bright as so much green."""


def despilled(rgb: Image.Image) -> Image.Image:
    """Limits green to the larger of red and blue, and gives its light back as neutral light.

    Luma (Rec. 709 weights, on the values as they are encoded) stays within one half and rounding;
    nothing is ever clipped, since no channel can come to lie above the old green. Pixels whose
    green does not exceed red and blue keep their very values.

    Source: S. Wright, Digital Compositing for Film and Video, chapter "Despill": green limited by
    the other channels (the rule goes back to P. Vlahos), with the loss of brightness made good
    from the spill.
    """
    red, green, blue = rgb.split()
    limited = ImageChops.darker(green, ImageChops.lighter(red, blue))
    # No sum or difference here leaves 0..255, so the modulo of these is never taken.
    light = ImageChops.subtract_modulo(green, limited).point(_LIGHT_OF_SPILL)
    bands = [ImageChops.add_modulo(band, light) for band in (red, limited, blue)]
    return Image.merge("RGB", bands)
