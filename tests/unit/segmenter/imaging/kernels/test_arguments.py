import numpy as np
import pytest
from numpy.typing import NDArray

from segmenter.imaging.kernels.arguments import (
    address,
    at_pixels,
    at_rows,
    of_shape,
    with_whole_rows,
)


def test_an_array_is_where_its_first_value_is() -> None:
    values = np.arange(24, dtype=np.uint8).reshape(4, 6)

    assert address(values, np.uint8) == values.ctypes.data
    assert address(values[1:, 2:4], np.uint8) == values.ctypes.data + 8


def test_a_single_column_has_no_gaps() -> None:
    assert address(np.zeros((4, 6), np.uint8)[:, 2:3], np.uint8)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((4, 4), np.int8), "takes uint8, not int8"),
        (np.zeros((4, 4), np.uint8)[:, ::2], "rows without gaps"),
        (np.zeros((4, 4), np.uint8)[:, ::-1], "rows without gaps"),
        (np.broadcast_to(np.uint8(1), (4, 4)), "rows without gaps"),
    ],
)
def test_what_a_kernel_would_read_wrongly_is_refused(values: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        address(values, np.uint8)  # type: ignore[arg-type]


def test_what_cannot_be_written_to_is_only_read() -> None:
    values = np.zeros(4, np.uint8)
    values.flags.writeable = False

    assert address(values, np.uint8)
    with pytest.raises(ValueError, match="cannot be written to"):
        address(values, np.uint8, written=True)


def test_rows_with_gaps_are_copied_and_others_are_not() -> None:
    values = np.arange(24, dtype=np.uint8).reshape(4, 6)

    assert with_whole_rows(values) is values
    assert with_whole_rows(part := values[1:, 2:4]) is part
    for gaps in (values[:, ::2], values.T, np.broadcast_to(np.uint8(1), (4, 4))):
        assert address(with_whole_rows(gaps), np.uint8)
        assert (with_whole_rows(gaps) == gaps).all()


def test_rows_are_told_with_the_way_from_one_to_the_next() -> None:
    values = np.zeros((6, 8, 4), np.uint8)

    assert at_rows(values[..., 0].copy()[1:, 2:5])[1] == 8
    assert at_pixels(values[::2, 2:5], (3, 3)) == (values.ctypes.data + 8, 64)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((6, 8, 4), np.uint8)[:, ::2],
        np.zeros((6, 8, 4), np.uint8)[:, ::-1],
        np.zeros((6, 8, 5), np.uint8)[..., :4],
        np.zeros((8, 6, 4), np.uint8).transpose(1, 0, 2),
    ],
)
def test_pixels_of_a_row_have_no_gaps_between_them(values: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="rows without gaps"):
        at_pixels(values, (values.shape[0], values.shape[1]))


def test_a_shape_is_told_with_the_name() -> None:
    with pytest.raises(ValueError, match=r"alpha_u8 is \[2, 3\], not \[3, 2\]"):
        of_shape(np.zeros((2, 3)), (3, 2), "alpha_u8")
