"""Both clients over gRPC, against a segmenter on a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import grpc
import pytest
import trustme

from mattebox.client import (
    ApiError,
    BadRequestError,
    ConnectionFailedError,
    CutOut,
    ImageTooLargeError,
    InvalidImageError,
    Options,
    OverloadedError,
    Retries,
    TimedOutError,
    UnavailableError,
    UntrustedError,
)
from mattebox.client.grpc import AsyncSegmenter, Segmenter, items
from mattebox.client.grpc.channel import CHANNEL_OPTIONS
from mattebox.segmenter import v1
from segmenter.settings import GrpcSettings
from tests.unit.mattebox.client.grpc.scripted_segmenter import (
    Context,
    bare,
    picture,
    refusal,
    scripted_segmenter,
)
from tests.waiting import until

Kind = Literal["sync", "async"]
Images = Sequence[tuple[str, bytes]]


@dataclass
class Caller:
    """A client whose pauses are noted and never waited."""

    kind: Kind
    target: str
    arguments: dict[str, Any] = field(default_factory=dict)
    pauses_s: list[float] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    fails_with: Exception | None = None

    async def remove(self, *values: Any, **options: Any) -> CutOut:
        if self.kind == "sync":
            return await asyncio.to_thread(self._remove_sync, *values, **options)

        async def pause(seconds: float) -> None:
            self.pauses_s.append(seconds)

        async with AsyncSegmenter(self.target, sleep=pause, **self.arguments) as segmenter:
            return await segmenter.remove(*values, **options)

    async def remove_many(
        self, images: Images, **options: Any
    ) -> list[tuple[str, CutOut | ApiError]]:
        if self.kind == "sync":
            return await asyncio.to_thread(self._remove_many_sync, images, **options)
        async with AsyncSegmenter(self.target, **self.arguments) as segmenter:
            outcomes = segmenter.remove_many(self.asynchronous(images), **options)
            return [outcome async for outcome in outcomes]

    def _remove_sync(self, *values: Any, **options: Any) -> CutOut:
        with Segmenter(self.target, sleep=self.pauses_s.append, **self.arguments) as segmenter:
            return segmenter.remove(*values, **options)

    def _remove_many_sync(
        self, images: Images, **options: Any
    ) -> list[tuple[str, CutOut | ApiError]]:
        with Segmenter(self.target, **self.arguments) as segmenter:
            return list(segmenter.remove_many(self.synchronous(images), **options))

    def synchronous(self, images: Images) -> Iterator[tuple[str, bytes]]:
        for name, image in images:
            self.given.append(name)
            yield name, image
        if self.fails_with is not None:
            raise self.fails_with

    async def asynchronous(self, images: Images) -> AsyncIterator[tuple[str, bytes]]:
        for image in self.synchronous(images):
            yield image


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


async def test_an_image_goes_and_comes_back_as_a_cut_out(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "cup.jpg"
    path.write_bytes(b"image")
    async with scripted_segmenter(picture()) as segmenter:
        caller = Caller(kind, segmenter.target)
        cut_out = await caller.remove(path, Options(crop=True), format="webp")
        await caller.remove(b"image")

    assert (cut_out.image, cut_out.media_type) == (b"picture", "image/png")
    assert (cut_out.width_px, cut_out.height_px, cut_out.foreground_found) == (3, 2, True)
    assert cut_out.timings_ms == {"total": 1.5}
    assert cut_out.request_id == segmenter.request_ids[0] != segmenter.request_ids[1]
    first, second = segmenter.asked
    assert (first.image, second.image) == (b"image", b"image")
    assert (first.options.crop, second.options.crop) == (True, False)
    assert first.options.format == v1.OutputFormat.OUTPUT_FORMAT_WEBP


async def test_large_messages_pass(kind: Kind) -> None:
    async with scripted_segmenter(picture(bytes(40 * 2**20))) as segmenter:
        cut_out = await Caller(kind, segmenter.target).remove(bytes(30 * 2**20))

    assert len(cut_out.image) == 40 * 2**20
    assert len(segmenter.asked[0].image) == 30 * 2**20


def test_no_answer_of_a_segmenter_is_too_large() -> None:
    largest_bytes = dict(CHANNEL_OPTIONS)["grpc.max_receive_message_length"]

    assert largest_bytes == GrpcSettings().max_message_bytes


async def test_a_larger_image_is_not_sent(kind: Kind) -> None:
    async with scripted_segmenter(picture()) as segmenter:
        with pytest.raises(ImageTooLargeError):
            await Caller(kind, segmenter.target).remove(bytes(30 * 2**20 + 1))

    assert segmenter.asked == []


async def test_bad_options_are_not_sent(kind: Kind) -> None:
    async with scripted_segmenter(picture()) as segmenter:
        with pytest.raises(BadRequestError, match="format must be one of"):
            await Caller(kind, segmenter.target).remove(b"image", format="psd")

    assert segmenter.asked == []


async def test_what_may_pass_is_tried_again_after_what_is_asked_for(kind: Kind) -> None:
    full = refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", 4)
    gone = bare(grpc.StatusCode.UNAVAILABLE)
    retries = Retries(base_s=1, chance=lambda: 0.5)
    async with scripted_segmenter(full, gone, picture()) as segmenter:
        caller = Caller(kind, segmenter.target, {"retries": retries})
        cut_out = await caller.remove(b"image")

    assert cut_out.image == b"picture"
    assert caller.pauses_s == [4.5, 1.0]
    assert len(set(segmenter.request_ids)) == 3


async def test_what_stays_is_raised(kind: Kind) -> None:
    full = refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", 4)
    async with scripted_segmenter(full) as segmenter:
        with pytest.raises(OverloadedError) as raised:
            await Caller(kind, segmenter.target).remove(b"image")

    assert raised.value.retry_after_s == 4
    assert len(segmenter.asked) == 3
    assert raised.value.request_id == segmenter.request_ids[-1]


async def test_what_the_caller_did_wrong_is_not_tried_again(kind: Kind) -> None:
    async with scripted_segmenter(
        refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE")
    ) as segmenter:
        with pytest.raises(InvalidImageError, match="why"):
            await Caller(kind, segmenter.target).remove(b"image")

    assert len(segmenter.asked) == 1


async def test_nobody_there_is_told_of(kind: Kind) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        caller = Caller(kind, f"127.0.0.1:{probe.getsockname()[1]}")
        with pytest.raises(ConnectionFailedError, match="no segmenter"):
            await caller.remove(b"image")

    assert len(caller.pauses_s) == 2


async def test_a_segmenter_that_stays_silent_is_given_up_once(kind: Kind) -> None:
    async def silent(_: Context) -> v1.CutOut:
        await asyncio.Event().wait()
        raise AssertionError

    async with scripted_segmenter(silent) as segmenter:
        with pytest.raises(TimedOutError):
            await Caller(kind, segmenter.target, {"timeout_s": 0.3}).remove(b"image")

    assert len(segmenter.asked) == 1
    assert 0 < (segmenter.timeouts_s[0] or 0) < 1


async def test_a_connection_may_be_a_secure_one(kind: Kind) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    server = grpc.ssl_server_credentials(
        [(issued.private_key_pem.bytes(), issued.cert_chain_pems[0].bytes())]
    )
    trusting = grpc.ssl_channel_credentials(authority.cert_pem.bytes())
    async with scripted_segmenter(picture(), credentials=server) as segmenter:
        trusted = Caller(kind, segmenter.target, {"credentials": trusting})
        assert (await trusted.remove(b"image")).image == b"picture"
        other = Caller(kind, segmenter.target, {"credentials": grpc.ssl_channel_credentials()})
        with pytest.raises(UntrustedError, match="certificate that is not trusted"):
            await other.remove(b"image")

    assert other.pauses_s == []


async def test_each_image_of_many_has_its_own_outcome_whatever_its_name(kind: Kind) -> None:
    long = "n" * 4000
    images = [("", b"1"), (long, b"2"), ("same", b"3"), ("same", b"bad"), ("ä", b"5")]
    async with scripted_segmenter() as segmenter:
        outcomes = await Caller(kind, segmenter.target).remove_many(images, crop=True)

    assert [name for name, _ in outcomes] == ["", long, "same", "same", "ä"]
    made = [each.image if isinstance(each, CutOut) else each.code for _, each in outcomes]
    assert made == [b"1", b"2", b"3", "invalid_image", b"5"]
    assert all(item.options.crop for item in segmenter.items)
    assert segmenter.timeouts_s == [None]
    ids = {each.request_id for _, each in outcomes}
    assert ids == set(segmenter.request_ids)


async def test_one_that_is_too_large_fails_alone_and_is_not_sent(kind: Kind) -> None:
    images = [("first", b"1"), ("large", bytes(257 * 10**6)), ("last", b"3")]
    async with scripted_segmenter() as segmenter:
        outcomes = dict(await Caller(kind, segmenter.target).remove_many(images))

    too_large = outcomes["large"]
    assert isinstance(too_large, ImageTooLargeError)
    assert str(too_large).startswith("image too large (>30 MB).")
    assert too_large.request_id == segmenter.request_ids[0]
    assert [isinstance(outcomes[name], CutOut) for name in ("first", "last")] == [True, True]
    assert [item.image for item in segmenter.items] == [b"1", b"", b"3"]


async def test_a_message_that_is_too_large_for_grpc_is_sent_once(kind: Kind) -> None:
    async def answer(context: Context) -> v1.CutOut:
        text = "SERVER: Received message larger than max (9 vs. 8)"
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, text)

    async with scripted_segmenter(answer) as segmenter:
        with pytest.raises(ImageTooLargeError):
            await Caller(kind, segmenter.target).remove(b"image")

    assert len(segmenter.asked) == 1


async def test_a_deadline_that_the_segmenter_notices_first_is_not_asked_again(kind: Kind) -> None:
    passed = refusal(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED")
    async with scripted_segmenter(passed) as segmenter:
        with pytest.raises(TimedOutError):
            await Caller(kind, segmenter.target).remove(b"image")

    assert len(segmenter.asked) == 1


async def test_none_of_many_is_nothing(kind: Kind) -> None:
    async with scripted_segmenter() as segmenter:
        assert await Caller(kind, segmenter.target).remove_many([]) == []


async def test_a_stream_that_breaks_says_why_after_what_was_answered(kind: Kind) -> None:
    images = [("first", b"1"), ("second", b"end"), ("third", b"3")]
    answered: list[str] = []
    async with scripted_segmenter() as segmenter:
        with pytest.raises(UnavailableError):
            if kind == "sync":
                await asyncio.to_thread(take_all, segmenter.target, images, answered)
            else:
                async with AsyncSegmenter(segmenter.target) as client:
                    # The status is the segmenter's where nothing is being sent as it comes.
                    source = one_by_one(images[:2], then=asyncio.Event().wait())
                    async for name, _ in client.remove_many(source):
                        answered.append(name)

    assert answered == ["first"]


@pytest.mark.parametrize("after", [[], [("second", b"2")]])
async def test_a_stream_that_ends_too_soon_is_told_of(kind: Kind, after: Images) -> None:
    async with scripted_segmenter() as segmenter:
        with pytest.raises(ConnectionFailedError, match="before it was done"):
            await Caller(kind, segmenter.target).remove_many([("first", b"enough"), *after])


async def test_many_images_go_over_more_streams_than_one_lasts_for(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "STREAM_LASTS_S", 0.0)
    images = [("first", b"1"), ("second", b"bad"), ("third", b"3")]
    async with scripted_segmenter() as segmenter:
        outcomes = await Caller(kind, segmenter.target).remove_many(images)

    assert [name for name, _ in outcomes] == ["first", "second", "third"]
    assert [item.image for item in segmenter.items] == [b"1", b"bad", b"3"]
    # The last one finds that there are no more.
    assert len(segmenter.request_ids) == segmenter.left == 4


async def test_the_streams_of_many_images_end_with_what_the_images_raise(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "STREAM_LASTS_S", 0.0)
    async with scripted_segmenter() as segmenter:
        caller = Caller(kind, segmenter.target, fails_with=OSError("no such folder"))
        with pytest.raises(OSError, match="no such folder"):
            await caller.remove_many([("first", b"1")])

    assert len(segmenter.request_ids) == 2


async def test_what_the_images_raise_is_raised_after_all_before_it(kind: Kind) -> None:
    async with scripted_segmenter() as segmenter:
        caller = Caller(kind, segmenter.target, fails_with=OSError("no such folder"))
        with pytest.raises(OSError, match="no such folder"):
            await caller.remove_many([("first", b"1"), ("second", b"2")])

    assert [item.image for item in segmenter.items] == [b"1", b"2"]


async def test_who_has_enough_ends_the_stream_and_keeps_the_client(kind: Kind) -> None:
    images = [(str(number), bytes(2**20)) for number in range(300)]
    async with scripted_segmenter(picture()) as segmenter:
        caller = Caller(kind, segmenter.target)
        if kind == "sync":
            with Segmenter(segmenter.target) as client:
                first = await asyncio.to_thread(take_one, client, caller, images)
                await until(lambda: segmenter.left == 1)
                await asyncio.to_thread(client.remove, b"image")
        else:
            async with AsyncSegmenter(segmenter.target) as asynchronous:
                outcomes = asynchronous.remove_many(caller.asynchronous(images))
                async with aclosing(outcomes):
                    first = await anext(outcomes)
                await until(lambda: segmenter.left == 1)
                await asynchronous.remove(b"image")

    assert first[0] == "0"
    assert len(caller.given) < 300


def take_one(client: Segmenter, caller: Caller, images: Images) -> tuple[str, CutOut | ApiError]:
    with closing(client.remove_many(caller.synchronous(images))) as outcomes:
        return next(outcomes)


def take_all(target: str, images: Images, answered: list[str]) -> None:
    with Segmenter(target) as segmenter:
        for name, _ in segmenter.remove_many(images):
            answered.append(name)


async def one_by_one(
    images: Images, then: Awaitable[object] | None = None
) -> AsyncIterator[tuple[str, bytes]]:
    for image in images:
        yield image
    if then is not None:
        await then


def test_what_is_shown_of_a_client_is_where_it_leads() -> None:
    with Segmenter("127.0.0.1:1") as segmenter:
        assert repr(segmenter) == "Segmenter('127.0.0.1:1')"
