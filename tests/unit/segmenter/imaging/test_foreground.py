"""The subject's own colours at soft edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from segmenter.imaging.foreground import Foreground, foreground, soft_spans, subject_share
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture

RED, BLUE = (200, 40, 30), (20, 60, 220)


def picture(rgb_u8: NDArray[np.uint8], alpha_u8: NDArray[np.uint8] | None = None) -> Picture:
    alpha = None if alpha_u8 is None else Image.fromarray(alpha_u8)
    return Picture(Image.fromarray(rgb_u8), alpha, None)


def colours(source: Picture, alpha_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Estimates the colours of a whole picture, uint8 [H, W, 3]."""
    estimate = foreground(source, Matte(alpha_u8, foreground_found=True))
    rgb = source.rgb.copy()
    if estimate:
        estimate.unmix(rgb, subject_share(alpha_u8, source.alpha), 0, 0)
    return np.array(rgb)


def rounded(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return values.round().clip(0, 255).astype(np.uint8)


def disc(height: int = 240, width: int = 320, edge_px: float = 12) -> NDArray[np.uint8]:
    """A round matte with a soft edge that wide."""
    y, x = np.mgrid[0:height, 0:width]
    inside = min(height, width) / 3 - np.hypot(y - height / 2, x - width / 2)
    return rounded((inside / edge_px + 0.5) * 255)


def waves(colour: tuple[int, int, int], period_px: float) -> NDArray[np.uint8]:
    """A smooth pattern around a colour, of the size of a disc."""
    y, x = np.mgrid[0:240, 0:320] / period_px
    pattern = 20 * (np.sin(x) + np.cos(y))
    return rounded(np.array(colour) + pattern[..., None])


def mixed(
    subject: ArrayLike, background: ArrayLike, alpha_u8: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    share = alpha_u8[..., None] / 255
    return rounded(np.asarray(subject) * share + np.asarray(background) * (1 - share))


def psnr_db(
    rgb_u8: NDArray[np.uint8], expected_u8: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]
) -> float:
    """Of soft pixels over a colour, which does not matter: it is in both pictures."""
    soft = (alpha_u8 > 0) & (alpha_u8 < 255)
    error = (rgb_u8.astype(float) - expected_u8)[soft] * (alpha_u8[soft][:, None] / 255)
    return float(10 * np.log10(255**2 / (error**2).mean()))


@pytest.mark.parametrize(("edge_px", "least_db"), [(2, 36), (12, 36), (60, 30)])
def test_the_subject_comes_out_of_its_mixtures(edge_px: float, least_db: float) -> None:
    alpha_u8 = disc(edge_px=edge_px)
    subject_u8 = waves((190, 120, 60), 31)
    background_u8 = waves((70, 110, 200), 47)
    source = picture(mixed(subject_u8, background_u8, alpha_u8))
    before_db = psnr_db(np.array(source.rgb), subject_u8, alpha_u8)
    assert before_db < 25
    assert psnr_db(colours(source, alpha_u8), subject_u8, alpha_u8) > least_db


def test_even_colours_come_out_nearly() -> None:
    alpha_u8 = disc()
    rgb_u8 = colours(picture(mixed(RED, BLUE, alpha_u8)), alpha_u8)
    assert np.abs(rgb_u8[alpha_u8 > 0].astype(int) - RED).max() <= 12


def test_fine_detail_of_the_subject_stays_where_it_covers_most() -> None:
    stripes_u8 = np.zeros((64, 64, 3), np.uint8)
    stripes_u8[:, ::2] = 200
    alpha_u8 = np.full((64, 64), 255, np.uint8)
    alpha_u8[20:40], alpha_u8[50:] = 230, 0
    rgb_u8 = colours(picture(mixed(stripes_u8, (90, 90, 90), alpha_u8)), alpha_u8)
    assert np.abs(rgb_u8[20:40].astype(int) - stripes_u8[20:40]).max() < 25


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 80),
    height=st.integers(1, 80),
    seed=st.integers(0, 2**32 - 1),
    levels=st.sampled_from([(0, 255), (0, 7, 255), (255,), (1, 254), (0, 128), tuple(range(256))]),
)
def test_pixels_that_are_all_subject_keep_their_values(
    width: int, height: int, seed: int, levels: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(seed)
    rgb_u8 = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    alpha_u8 = rng.choice(np.array(levels, np.uint8), (height, width))
    whole = alpha_u8 == 255
    assert np.array_equal(colours(picture(rgb_u8), alpha_u8)[whole], rgb_u8[whole])


@settings(max_examples=40, deadline=None)
@given(
    left=st.integers(0, 149),
    top=st.integers(0, 99),
    width=st.integers(1, 150),
    height=st.integers(1, 100),
    cell_bits=st.integers(1, 4),
)
def test_a_part_comes_out_as_in_the_whole(
    left: int, top: int, width: int, height: int, cell_bits: int
) -> None:
    right, bottom = min(left + width, 150), min(top + height, 100)
    rng = np.random.default_rng(cell_bits)
    cells = (-(-100 // 2**cell_bits), -(-150 // 2**cell_bits), 3)
    estimate = Foreground(
        Image.fromarray(rng.integers(0, 256, cells, dtype=np.uint8)),
        Image.fromarray(rng.integers(0, 256, cells, dtype=np.uint8)),
        2**cell_bits,
    )
    rgb = Image.fromarray(rng.integers(0, 256, (100, 150, 3), dtype=np.uint8))
    share_u8 = rng.integers(1, 255, (100, 150), dtype=np.uint8)
    part = rgb.crop((left, top, right, bottom))
    estimate.unmix(part, share_u8[top:bottom, left:right], left, top)
    estimate.unmix(rgb, share_u8, 0, 0)
    assert part.tobytes() == rgb.crop((left, top, right, bottom)).tobytes()


@pytest.mark.parametrize("levels", [(0,), (255,), (0, 255)])
def test_without_soft_pixels_there_is_nothing_to_estimate(levels: tuple[int, ...]) -> None:
    alpha_u8 = np.resize(np.array(levels, np.uint8), (130, 70))
    source = picture(np.zeros((130, 70, 3), np.uint8))
    assert foreground(source, Matte(alpha_u8, foreground_found=True)) is None


@pytest.mark.parametrize(("row", "column"), [(0, 0), (64, 31), (129, 69)])
def test_one_soft_pixel_is_enough(row: int, column: int) -> None:
    alpha_u8 = np.full((130, 70), 255, np.uint8)
    alpha_u8[row, column] = 254
    source = picture(np.zeros((130, 70, 3), np.uint8))
    assert foreground(source, Matte(alpha_u8, foreground_found=True)) is not None


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (3, 1), (2, 2), (1, 500), (500, 1), (65, 3)])
@pytest.mark.parametrize("level", [1, 128, 254])
def test_a_picture_that_is_one_even_mixture_keeps_its_colour(
    size: tuple[int, int], level: int
) -> None:
    rgb_u8 = np.full((*size, 3), RED, np.uint8)
    rgb_u8_after = colours(picture(rgb_u8), np.full(size, level, np.uint8))
    assert np.abs(rgb_u8_after.astype(int) - rgb_u8).max() <= 1


def test_where_no_background_is_known_mixtures_stand_for_it() -> None:
    alpha_u8 = np.full((64, 64), 255, np.uint8)
    alpha_u8[32:] = 200
    rgb_u8 = colours(picture(np.full((64, 64, 3), RED, np.uint8)), alpha_u8)
    assert np.abs(rgb_u8.astype(int) - RED).max() <= 6


@pytest.mark.parametrize(
    ("width", "height", "cell_px"),
    [(1, 1, 2), (512, 512, 2), (514, 512, 4), (1024, 1024, 4), (1500, 1000, 8), (65_500, 3, 2)],
)
def test_there_are_as_many_cells_as_are_worth_it(width: int, height: int, cell_px: int) -> None:
    source = Picture(Image.new("RGB", (width, height)), None, None)
    alpha_u8 = np.full((height, width), 128, np.uint8)
    estimate = foreground(source, Matte(alpha_u8, foreground_found=True))
    assert estimate is not None
    assert estimate.cell_px == cell_px
    cells = (-(-width // cell_px), -(-height // cell_px))
    assert estimate.subject.size == estimate.background.size == cells
    assert cells[0] * cells[1] <= 65_536


def test_only_tiles_with_soft_pixels_are_touched() -> None:
    share_u8 = np.zeros((64, 300), np.uint8)
    share_u8[:, 100:] = 255
    share_u8[5, 40], share_u8[63, 99], share_u8[0, 127], share_u8[9, 299] = 1, 254, 7, 128
    assert list(soft_spans(share_u8)) == [(32, 64), (96, 128), (288, 300)]


@pytest.mark.parametrize("level", [0, 255])
def test_tiles_without_soft_pixels_are_left_alone(level: int) -> None:
    assert list(soft_spans(np.full((64, 300), level, np.uint8))) == []


def test_soft_pixels_all_over_make_one_span() -> None:
    assert list(soft_spans(np.full((1, 300), 9, np.uint8))) == [(0, 300)]


def test_the_share_of_an_opaque_source_is_the_matte() -> None:
    alpha_u8 = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert subject_share(alpha_u8, None) is alpha_u8


def test_the_source_s_own_transparency_is_no_mixture() -> None:
    source_u8 = np.array([[0, 1, 100, 200, 200, 255, 255]], np.uint8)
    alpha_u8 = np.array([[0, 1, 100, 100, 0, 128, 255]], np.uint8)
    share_u8 = subject_share(alpha_u8, Image.fromarray(source_u8))
    assert share_u8.tolist() == [[0, 255, 255, 128, 0, 128, 255]]


@given(source=st.integers(0, 255), network=st.integers(0, 255))
def test_the_share_is_what_the_network_saw(source: int, network: int) -> None:
    alpha = round(source * network / 255)
    share_u8 = subject_share(
        np.array([[alpha]], np.uint8), Image.fromarray(np.array([[source]], np.uint8))
    )
    # The matte was rounded, to half a level of what the source lets through.
    assert abs(int(share_u8[0, 0]) - network) * source <= 255 or source == 0


def test_colours_of_a_transparent_source_stay() -> None:
    rng = np.random.default_rng(3)
    rgb_u8 = rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)
    alpha_u8 = rng.integers(0, 256, (90, 120), dtype=np.uint8)
    assert np.array_equal(colours(picture(rgb_u8, alpha_u8), alpha_u8), rgb_u8)


@pytest.mark.parametrize("size", [(240, 320), (700, 900)])
def test_what_a_transparent_source_hides_tells_nothing(size: tuple[int, int]) -> None:
    share_u8 = disc(*size)
    rgb_u8 = mixed(RED, BLUE, share_u8)
    source_u8 = np.full(size, 255, np.uint8)
    source_u8[:, size[1] // 2 :] = 0
    rgb_u8[:, size[1] // 2 :] = (0, 255, 0)
    alpha_u8 = np.minimum(share_u8, source_u8)
    shown = alpha_u8 > 0
    after_u8 = colours(picture(rgb_u8, source_u8), alpha_u8)
    assert np.abs(after_u8[shown].astype(int) - RED).max() <= 12


def test_hidden_pixels_tell_nothing_even_where_samples_hold_several() -> None:
    size = (1100, 1000)
    share_u8 = disc(*size, edge_px=40)
    source_u8 = np.full(size, 255, np.uint8)
    source_u8[:, ::3] = 0
    alpha_u8 = np.minimum(share_u8, source_u8)
    answers = []
    for hidden in ((0, 255, 0), (255, 0, 255)):
        rgb_u8 = mixed(RED, BLUE, share_u8)
        rgb_u8[:, ::3] = hidden
        answers.append(colours(picture(rgb_u8, source_u8), alpha_u8)[alpha_u8 > 0])
    assert np.array_equal(answers[0], answers[1])


def test_grey_stays_grey() -> None:
    alpha_u8 = disc(edge_px=30)
    grey_u8 = np.random.default_rng(5).integers(0, 256, (240, 320, 1), dtype=np.uint8)
    rgb_u8 = colours(picture(np.repeat(grey_u8, 3, axis=2)), alpha_u8)
    assert (rgb_u8 == rgb_u8[..., :1]).all()
