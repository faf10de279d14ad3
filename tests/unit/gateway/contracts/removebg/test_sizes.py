import pytest

from gateway.contracts.removebg import sizes
from gateway.options.cut_out import OutputFormat

PNG_PIXELS, FULL_PIXELS = 10_000_000, 25_000_000


@pytest.mark.parametrize("output_format", [OutputFormat.JPEG, OutputFormat.WEBP, OutputFormat.ZIP])
@pytest.mark.parametrize(
    ("image", "largest"),
    [
        ((5000, 5000), (5000, 5000)),
        ((5001, 5000), (5000, 4999)),
        ((10_000, 10_000), (5000, 5000)),
        ((12_000, 8000), (6123, 4082)),
        ((640, 480), (640, 480)),
        ((100_000_000, 1), (25_000_000, 1)),
        ((1, 100_000_000), (1, 25_000_000)),
    ],
)
def test_full_size(
    image: tuple[int, int], largest: tuple[int, int], output_format: OutputFormat
) -> None:
    assert sizes.full_size(*image, output_format) == largest


@pytest.mark.parametrize(
    ("image", "largest"),
    [((4000, 2500), (4000, 2500)), ((4000, 2501), (3999, 2500)), ((4000, 4000), (3162, 3162))],
)
def test_a_png_is_smaller_at_full_size(image: tuple[int, int], largest: tuple[int, int]) -> None:
    assert sizes.full_size(*image, OutputFormat.PNG) == largest


@pytest.mark.parametrize("sides", [(3162, 3163), (5001, 5003), (49_999_999, 2), (7, 99_999_999)])
def test_no_result_is_larger_than_that(sides: tuple[int, int]) -> None:
    width, height = sizes.full_size(*sides, OutputFormat.PNG)

    assert 0 < width * height <= PNG_PIXELS
    assert width * height > 0.9 * PNG_PIXELS
