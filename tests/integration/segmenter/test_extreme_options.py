"""Options at the ends of their ranges, which are answered or refused, and never fail inside."""

from typing import Any

import grpc
import pytest
from PIL import Image

from mattebox.segmenter import v1
from segmenter.settings import ImageSettings
from tests.integration.segmenter.calls import cut, details, opened
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.integration.segmenter.test_backgrounds import SEA, laid
from tests.unit.segmenter.imaging import samples

BALL = red_ball()
MOST, LEAST, HUGE = 2**31 - 1, -(2**31), 3e38
DARK = v1.Color(alpha=255)

FAR = {
    "pixels": v1.Length(px=MOST),
    "pixels back": v1.Length(px=LEAST),
    "a share": v1.Length(share=HUGE),
    "a share back": v1.Length(share=-HUGE),
}


@pytest.mark.parametrize("far", FAR.values(), ids=FAR.keys())
async def test_a_shadow_may_fall_as_far_as_it_likes(segmenter: Segmenter, far: v1.Length) -> None:
    plain = opened(await cut(segmenter, BALL, stroke=v1.Stroke(width_px=1, color=DARK)))
    shadow = v1.Shadow(color=DARK, offset_x=far, offset_y=far)
    answer = await cut(segmenter, BALL, shadow=shadow, stroke=v1.Stroke(width_px=1, color=DARK))
    assert opened(answer).getchannel("A").tobytes() == plain.getchannel("A").tobytes()


@pytest.mark.parametrize("far", [FAR["pixels"], FAR["a share"]], ids=["pixels", "a share"])
async def test_a_blur_or_margin_may_be_as_wide_as_it_likes(
    segmenter: Segmenter, far: v1.Length
) -> None:
    shadow = v1.Shadow(color=DARK, blur=far)
    assert (await cut(segmenter, BALL, shadow=shadow)).width_px == 120
    margins = v1.Margins(top=far, right=far, bottom=far, left=far)
    cropped = await cut(segmenter, BALL, crop=True)
    framed = await cut(segmenter, BALL, crop=True, crop_margin=margins)
    assert framed.width_px == cropped.width_px + 2 * (cropped.width_px // 2)


async def test_margins_are_as_wide_as_answers_may_be_large(start_segmenter: StartSegmenter) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_output_pixels=120 * 80))
    await segmenter.await_serving()
    red = samples.encoded(Image.new("RGB", (240, 160), (255, 0, 0)), "PNG")
    tenth = v1.Length(share=0.1)
    margins = v1.Margins(top=tenth, right=tenth, bottom=tenth, left=tenth)
    assert (await cut(segmenter, red, crop=True, crop_margin=margins)).width_px == 120
    framed = await cut(segmenter, red, crop=True, crop_margin=margins, max_pixels=8000)
    assert 9300 < framed.width_px * framed.height_px <= 9600


@pytest.mark.parametrize("far", FAR.values(), ids=FAR.keys())
async def test_a_region_far_away_is_refused(segmenter: Segmenter, far: v1.Length) -> None:
    region = v1.Region(left=far, top=far, right=far, bottom=far)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, BALL, region=region)
    assert details(refusal.value).metadata["problem"] == "exceeds_bounds"


@pytest.mark.parametrize(
    "options",
    [
        {"placement": v1.Placement(scale=1e-38, x=0, y=1)},
        {"placement": v1.Placement(scale=1)},
        {"behind": SEA, "background_picture": laid(width_px=1, height_px=1, blur=1)},
        {"behind": SEA, "background_picture": v1.BackgroundPicture(blur=1)},
        {"stroke": v1.Stroke(width_px=100, color=DARK)},
    ],
)
@pytest.mark.parametrize("name", ["PNG", "ZIP", "AUTO", "JPEG"])
async def test_the_ends_of_other_ranges_are_answered(
    segmenter: Segmenter, options: dict[str, Any], name: str
) -> None:
    answer = await cut(segmenter, BALL, format=f"OUTPUT_FORMAT_{name}", **options)
    assert opened(answer).size == (answer.width_px, answer.height_px)


async def test_a_canvas_of_the_most_pixels_that_can_be_told_is_refused(
    segmenter: Segmenter,
) -> None:
    canvas = laid(width_px=2**32 - 1, height_px=2**32 - 1)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, BALL, behind=SEA, background_picture=canvas)
    assert details(refusal.value).metadata["field"] == "background_picture"
