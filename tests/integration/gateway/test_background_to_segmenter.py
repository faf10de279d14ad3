"""The picture behind the subject on its way to the segmenter."""

import sys

import grpc
import pytest

from gateway.cut_out import Origin
from gateway.errors import InvalidImageError
from gateway.options.cut_out import CutOutOptions
from gateway.pictures import Slot, slot_of
from gateway.segmenter_client import SegmenterClient
from gateway.settings import SegmenterSettings
from telemetry.logs import open_log
from tests.integration.gateway.fake_segmenter import Failure, FakeSegmenter

IMAGE, BACK = b"i" * 300_000, b"b" * 300_000


async def test_a_background_is_sent_after_the_image(segmenter: FakeSegmenter) -> None:
    sent: list[bool] = []

    await _ask(segmenter, sent, BACK)

    call = segmenter.calls[0]
    assert (call.image, call.background, sent) == (IMAGE, BACK, [True])


async def test_without_a_background_none_is_sent(segmenter: FakeSegmenter) -> None:
    await _ask(segmenter, [], b"")

    assert (segmenter.calls[0].image, segmenter.calls[0].background) == (IMAGE, b"")


async def test_a_background_that_is_broken_is_told_to_be_it(segmenter: FakeSegmenter) -> None:
    segmenter.behaviour = Failure(
        grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE", metadata={"image": "background"}
    )

    with pytest.raises(InvalidImageError) as caught:
        await _ask(segmenter, [], BACK)

    assert slot_of(caught.value) is Slot.BACKGROUND


async def _ask(segmenter: FakeSegmenter, sent: list[bool], background: bytes) -> None:
    log = open_log("info", "json", sys.stderr)
    settings = SegmenterSettings(target=segmenter.target)
    client = SegmenterClient(settings, lambda _: None, lambda *_: None, log)
    try:
        made = await client.remove_background(
            IMAGE,
            CutOutOptions(),
            Origin("request", "caller"),
            lambda: sent.append(True),
            background=background,
        )
        made.close()
    finally:
        await client.close()
