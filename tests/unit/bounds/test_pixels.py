from hypothesis import example, given
from hypothesis import strategies as st

from bounds import fitted_size


@given(
    width=st.integers(1, 1_000_000), height=st.integers(1, 1_000_000), limit=st.integers(1, 10**8)
)
@example(width=1013, height=1013, limit=250_000)
def test_a_size_fits_is_never_larger_and_as_large_as_may_be(
    width: int, height: int, limit: int
) -> None:
    fitted_width, fitted_height = fitted_size(width, height, limit)

    assert fitted_width * fitted_height <= limit
    assert 1 <= fitted_width <= width
    assert 1 <= fitted_height <= height
    if width * height <= limit:
        assert (fitted_width, fitted_height) == (width, height)
    elif min(fitted_width, fitted_height) > 1:
        assert (fitted_width + 1) * (fitted_height + 1) > limit
        # Of the exact size, each side is off by less than a pixel.
        scale = (limit / (width * height)) ** 0.5
        assert abs(fitted_width - width * scale) < 1 + 1e-6
        assert abs(fitted_height - height * scale) < 1 + 1e-6


@given(width=st.integers(1, 100_000), height=st.integers(1, 100_000), limit=st.integers(1, 10**8))
def test_a_turned_size_is_fitted_alike(width: int, height: int, limit: int) -> None:
    assert fitted_size(height, width, limit) == fitted_size(width, height, limit)[::-1]
