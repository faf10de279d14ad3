import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contracts.media_ranges import media_ranges, quality


@pytest.mark.parametrize(
    ("accept", "ranges"),
    [
        ("", []),
        (" , ;q=1,", []),
        ("image/png", [("image/png", 1.0)]),
        ("IMAGE/PNG;Q=0.5", [("image/png", 0.5)]),
        ("image/webp, */* ; q = 0.1", [("image/webp", 1.0), ("*/*", 0.1)]),
        ("image/png;level=1;q=0.25", [("image/png", 0.25)]),
        ("image/png;q=0", [("image/png", 0.0)]),
    ],
)
def test_ranges_are_told_in_order_with_their_weights(
    accept: str, ranges: list[tuple[str, float]]
) -> None:
    assert media_ranges(accept) == ranges


@pytest.mark.parametrize("weight", ["nonsense", "", "nan", "inf", "-1", "1.1"])
def test_what_is_no_weight_is_none(weight: str) -> None:
    assert media_ranges(f"image/png;q={weight}") == [("image/png", 0.0)]


@pytest.mark.parametrize(
    ("accept", "weight"),
    [
        ("", 0.0),
        ("text/html", 1.0),
        ("TEXT/HTML;q=0.4", 0.4),
        ("image/*, application/json", 0.0),
        ("*/*;q=0.1", 0.1),
        ("*/*;q=0.1, text/*;q=0.5", 0.5),
        ("text/*;q=0.5, text/html;q=0.2, */*", 0.2),
        ("*/*, text/html;q=0", 0.0),
    ],
)
def test_a_type_is_wanted_as_its_narrowest_range_says(accept: str, weight: float) -> None:
    assert quality(media_ranges(accept), "text/html") == weight


@given(st.text())
def test_any_accept_header_can_be_read(accept: str) -> None:
    assert all(0 <= weight <= 1 for _, weight in media_ranges(accept))
