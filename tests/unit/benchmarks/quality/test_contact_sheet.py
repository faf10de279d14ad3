"""What the contact sheet shows."""

import numpy as np
from benchmarks.quality.contact_sheet import Row, contact_sheet, detail_box


def row(*, knows_truth: bool) -> Row:
    """Ours is wrong at the lower right; theirs everywhere else."""
    truth = np.zeros((200, 320, 4), np.uint8)
    truth[..., 3] = 255
    ours, theirs = truth.copy(), truth.copy()
    ours[150:160, 280:290, 3] = 0
    theirs[:100, :100, 3] = 0
    return Row("row", truth[..., :3], theirs, ours, truth, truth if knows_truth else None)


def test_the_detail_lies_where_our_error_is() -> None:
    left, top, right, bottom = detail_box(row(knows_truth=True))
    assert left <= 280
    assert right >= 290
    assert top <= 150
    assert bottom >= 160
    assert right <= 320
    assert bottom <= 200


def test_without_a_truth_it_lies_where_the_answers_differ_most() -> None:
    left, top, right, bottom = detail_box(row(knows_truth=False))
    assert right <= 100
    assert bottom <= 100
    assert left >= 0
    assert top >= 0


def test_a_sheet_grows_with_its_rows() -> None:
    one = contact_sheet([row(knows_truth=True)], "theirs")
    two = contact_sheet([row(knows_truth=True), row(knows_truth=False)], "theirs")
    assert one.width == two.width
    assert two.height > one.height
