"""A decoded picture: upright 8-bit colour, its transparency, its colour space."""

from dataclasses import dataclass, field

from PIL import Image

from bounds import fitted_size

_BEHIND_TRANSPARENCY = (128, 128, 128)


@dataclass(frozen=True, slots=True)
class Picture:
    """Upright pixels."""

    rgb: Image.Image
    """Mode RGB, in the colour space of `icc_profile`; hidden pixels keep their colour."""

    alpha: Image.Image | None
    """Mode L and as large as `rgb`, where the source is not opaque everywhere."""

    icc_profile: bytes | None = field(repr=False)
    """The RGB profile of the source, for the answer; None means sRGB."""

    full_size: tuple[int, int] | None = None
    """Width and height of the image, where it was decoded at, or scaled down to, a fraction."""

    was_turned: bool = False
    """Whether the file holds it in another orientation."""

    @property
    def width_px(self) -> int:
        """The width."""
        return self.rgb.width

    @property
    def height_px(self) -> int:
        """The height."""
        return self.rgb.height

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height of the image."""
        return self.full_size or self.rgb.size

    def shown(self, box: tuple[int, int, int, int] | None = None) -> Image.Image:
        """Gives what can be seen of a box, or of all: RGB, neutral grey where it is transparent."""
        rgb = self.rgb.crop(box) if box else self.rgb
        if self.alpha is None:
            return rgb
        alpha = self.alpha.crop(box) if box else self.alpha
        return Image.composite(rgb, Image.new("RGB", rgb.size, _BEHIND_TRANSPARENCY), alpha)

    def fitted_size(self, max_pixels: int) -> tuple[int, int]:
        """Tells the size that `fitted` scales to: that of the image itself, scaled down."""
        return fitted_size(*self.upright_size, max_pixels)

    def fitted(self, max_pixels: int) -> "Picture":
        """Scales down to at most `max_pixels`, keeping the aspect as far as whole pixels allow.

        A picture that fits is returned as it is. Colour is weighted by alpha, so that hidden
        colour does not bleed into what shows.
        """
        size = self.fitted_size(max_pixels)
        if size == self.rgb.size:
            return self
        full_size = self.upright_size
        if self.alpha is None:
            return Picture(_scaled(self.rgb, size), None, self.icc_profile, full_size)
        rgba = self.rgb.copy()
        rgba.putalpha(self.alpha)
        rgba = _scaled(rgba, size)  # Pillow premultiplies and divides again around it
        return Picture(rgba.convert("RGB"), rgba.getchannel("A"), self.icc_profile, full_size)


def _scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
