"""Borders, and pictures behind."""

import numpy as np
import pytest
from PIL import Image

from segmenter.imaging.compose import CutOutRows, MatteRows, OpaqueRows, Rows, TranslucentRows
from segmenter.imaging.crop import Box
from segmenter.imaging.framing import BackdropRows, FramedRows
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.subject import Subject
from segmenter.scene_options import Colour
from tests.unit.segmenter.imaging import samples

RNG = np.random.default_rng(5)
ALPHA_U8 = RNG.choice(np.array([0, 1, 128, 255], np.uint8), (90, 33))
RGB_U8 = RNG.integers(0, 256, (90, 33, 3), dtype=np.uint8)
MATTE = Matte(ALPHA_U8, foreground_found=True)
SUBJECT = Subject(Picture(Image.fromarray(RGB_U8), None, b"profile"), MATTE, Box(0, 0, 33, 90))
BLUE, VEIL = Colour(10, 20, 200), Colour(10, 20, 200, 90)

KINDS: dict[str, tuple[Rows, tuple[int, ...]]] = {
    "cut-out": (CutOutRows(SUBJECT), (0, 0, 0, 0)),
    "opaque": (OpaqueRows(SUBJECT, BLUE), (10, 20, 200)),
    "translucent": (TranslucentRows(SUBJECT, VEIL), (10, 20, 200, 90)),
    "matte": (MatteRows(MATTE, Box(0, 0, 33, 90)), (0,)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows_a_block", [1, 7, 64, 200])
def test_around_a_picture_goes_on_what_is_behind(kind: str, rows_a_block: int) -> None:
    rows, border = KINDS[kind]
    framed = FramedRows(rows, 3, 11, 40, 120)
    assert (framed.channels, framed.icc_profile, framed.ground) == (
        rows.channels,
        rows.icc_profile,
        rows.ground,
    )
    expected = np.full((120, 40, rows.channels), border, np.uint8)
    expected[11:101, 3:36] = rows.block(0, 90).reshape(90, 33, -1)
    blocks = [
        framed.block(top, min(120, top + rows_a_block)) for top in range(0, 120, rows_a_block)
    ]
    assert blocks[0].shape[1] == 40 * rows.channels
    assert np.array_equal(np.concatenate(blocks), expected.reshape(120, -1))


@pytest.mark.parametrize("kind", ["cut-out", "opaque", "translucent"])
def test_a_border_looks_as_if_the_picture_had_had_it(kind: str) -> None:
    rows, _ = KINDS[kind]
    alpha_u8, rgb_u8 = np.pad(ALPHA_U8, 4), np.pad(RGB_U8, ((4, 4), (4, 4), (0, 0)))
    matte = Matte(alpha_u8, foreground_found=True)
    roomy = Subject(Picture(Image.fromarray(rgb_u8), None, None), matte, Box.whole(matte))
    kinds: dict[str, Rows] = {
        "cut-out": CutOutRows(roomy),
        "opaque": OpaqueRows(roomy, BLUE),
        "translucent": TranslucentRows(roomy, VEIL),
    }
    framed = FramedRows(rows, 4, 4, 41, 98)
    assert np.array_equal(framed.block(0, 98), kinds[kind].block(0, 98))


@pytest.mark.parametrize("rows_a_block", [1, 16, 200])
def test_before_a_picture_the_subject_is_blended_exactly(rows_a_block: int) -> None:
    backdrop = samples.picture(40, 120)
    rows = BackdropRows(SUBJECT, 3, 11, backdrop)
    assert (rows.width_px, rows.height_px, rows.channels) == (40, 120, 3)
    assert rows.icc_profile is None
    expected = np.asarray(backdrop).astype(float)
    share = ALPHA_U8[..., None] / 255
    expected[11:101, 3:36] = RGB_U8 * share + expected[11:101, 3:36] * (1 - share)
    blocks = [rows.block(top, min(120, top + rows_a_block)) for top in range(0, 120, rows_a_block)]
    off = np.concatenate(blocks).reshape(120, 40, 3) - expected
    assert np.abs(off).max() <= 0.5 + 1e-9


def test_the_picture_behind_stays_as_it_is() -> None:
    backdrop = samples.picture(33, 90)
    before = backdrop.tobytes()
    rows = BackdropRows(SUBJECT, 0, 0, backdrop)
    assert np.array_equal(rows.block(0, 90), rows.block(0, 90))
    assert backdrop.tobytes() == before
