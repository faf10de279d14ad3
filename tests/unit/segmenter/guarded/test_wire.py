import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.errors import (
    DeadlinePassedError,
    InvalidImageError,
    SegmenterError,
    TooManyPixelsError,
    UnsupportedImageFormatError,
)
from segmenter.guarded.pixels import PictureLayout
from segmenter.guarded.wire import (
    MAX_PACKET_BYTES,
    BrokenReplyError,
    Budget,
    Refusal,
    Reply,
    Task,
    refusal_of,
    reply_from_packet,
    reply_to_packet,
    task_from_packet,
    task_to_packet,
)
from segmenter.imaging.header import Header
from segmenter.imaging.sniff import ImageFormat

HEADER = Header(ImageFormat.TIFF, 640, 480, intricate=True)


@pytest.mark.parametrize("header", [None, HEADER])
def test_a_task_arrives_as_it_was(header: Header | None) -> None:
    task = Task(1234, 5678, Budget(2.5, 1 << 30), header)

    assert task_from_packet(task_to_packet(task)) == task


@pytest.mark.parametrize(
    "reply",
    [
        HEADER,
        PictureLayout(3, 4, has_alpha=True, profile_bytes=0, was_turned=True),
        Refusal("InvalidImageError", "It is wrong.", {"width_px": "5"}, cause="OSError"),
    ],
)
def test_a_reply_arrives_as_it_was(reply: Reply) -> None:
    assert reply_from_packet(reply_to_packet(reply)) == reply


@pytest.mark.parametrize(
    "kind", [InvalidImageError, TooManyPixelsError, UnsupportedImageFormatError]
)
def test_an_error_is_put_together_again(kind: type[SegmenterError]) -> None:
    error = refusal_of(kind("It is wrong.", limit_pixels=5)).to_error()

    assert type(error) is kind
    assert str(error) == "It is wrong."
    assert error.metadata == {"limit_pixels": "5"}
    assert error.__cause__ is None


def test_of_the_cause_only_the_name_is_kept() -> None:
    error = InvalidImageError("It is wrong.")
    error.__cause__ = OverflowError("quotes the image")

    assert str(refusal_of(error).to_error().__cause__) == "OverflowError"


def reply(**kinds: object) -> bytes:
    return json.dumps(kinds).encode()


def header(**changes: object) -> bytes:
    fields = {"format": "tiff", "width_px": 1, "height_px": 1, "intricate": False}
    return reply(header=fields | changes)


def refusal(**changes: object) -> bytes:
    fields = {"error": "InvalidImageError", "message": "m", "metadata": {}, "cause": ""}
    return reply(refusal=fields | changes)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x80\x04pickle",
        b"[]",
        b"1",
        b"{}",
        b"\xff",
        b"[" * 10_000,
        reply(unknown={}),
        reply(header={}, picture={}),
        reply(header=None),
        reply(picture=[1]),
        header(format="psd"),
        header(width_px=0),
        header(width_px=-1),
        header(width_px=1.5),
        header(width_px="1"),
        header(height_px=None),
        reply(
            picture={
                "width_px": 1,
                "height_px": 1,
                "has_alpha": True,
                "was_turned": False,
                "profile_bytes": -1,
            }
        ),
        refusal(error="SystemExit"),
        refusal(error=DeadlinePassedError.__name__),
        refusal(error=None),
        refusal(error=[]),
        refusal(metadata=None),
        refusal(metadata={"message": "m"}),
        reply(refusal={}),
    ],
)
def test_what_is_no_reply_is_refused(packet: bytes) -> None:
    with pytest.raises(BrokenReplyError):
        reply_from_packet(packet)


def test_a_message_of_any_length_is_cut() -> None:
    arrived = reply_from_packet(refusal(message="x" * (MAX_PACKET_BYTES // 2)))

    assert isinstance(arrived, Refusal)
    assert len(arrived.message) == 500


def test_a_cause_that_is_no_name_is_dropped() -> None:
    arrived = reply_from_packet(refusal(cause="<script>"))

    assert isinstance(arrived, Refusal)
    assert arrived.to_error().__cause__ is None


@given(st.binary(max_size=200))
def test_no_bytes_escape_as_another_exception(packet: bytes) -> None:
    with pytest.raises(BrokenReplyError):
        reply_from_packet(packet)
