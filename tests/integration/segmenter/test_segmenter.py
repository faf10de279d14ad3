"""The segmenter as its callers see it: over gRPC, on a real socket."""

import asyncio
import gc
import io
import math
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, cast

import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from PIL import Image

from mattebox.segmenter import v1
from segmenter.servicer import SegmenterServicer
from segmenter.settings import AdmissionSettings, ImageSettings
from telemetry.tracing import OFF
from tests.integration.segmenter import red_network
from tests.integration.segmenter.calls import cut, details, opened, unpacked
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.otlp import http_collector
from tests.traced import traced
from tests.traced import variables as tracing_to
from tests.waiting import until


async def test_a_subject_is_cut_out_in_its_own_colours(segmenter: Segmenter) -> None:
    ball = Image.open(io.BytesIO(red_ball(480, 320))).reduce(4)
    buffer = io.BytesIO()
    ball.save(buffer, "PNG")
    cut_out = await cut(segmenter, buffer.getvalue())
    rgba_u8, rgb_u8 = np.array(opened(cut_out)), np.array(ball)
    assert (cut_out.width_px, cut_out.height_px) == (120, 80)
    assert cut_out.foreground_found
    assert cut_out.model == red_network.NAME
    assert rgba_u8[40, 60].tolist() == [255, 60, 30, 255]
    assert rgba_u8[0, 0].tolist() == [0, 0, 0, 0]
    opaque, soft = rgba_u8[..., 3] == 255, (rgba_u8[..., 3] > 0) & (rgba_u8[..., 3] < 255)
    assert np.array_equal(rgba_u8[opaque][:, :3], rgb_u8[opaque])
    # The photo is half black in the matte's soft edge; the answer shows the ball's red there.
    assert rgb_u8[soft][:, 0].min() < 100
    assert rgba_u8[soft][:, 0].min() > 150


async def test_the_matte_alone_can_be_had(segmenter: Segmenter) -> None:
    channels = v1.OutputChannels.OUTPUT_CHANNELS_ALPHA
    alpha = opened(await cut(segmenter, red_ball(), channels=channels))
    rgba = opened(await cut(segmenter, red_ball()))
    assert alpha.mode == "L"
    assert alpha.tobytes() == rgba.getchannel("A").tobytes()


async def test_a_picture_without_a_subject_gives_an_empty_matte(segmenter: Segmenter) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40), (100, 200, 50)).save(buffer, "PNG")
    cut_out = await cut(segmenter, buffer.getvalue())
    assert not cut_out.foreground_found
    assert not np.array(opened(cut_out)).any()


@pytest.mark.parametrize(
    "kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"], ids=str.lower
)
async def test_every_format_is_read(segmenter: Segmenter, kind: str) -> None:
    cut_out = await cut(segmenter, red_ball(format=kind))
    alpha_u8 = np.array(opened(cut_out))[..., 3]
    assert alpha_u8[40, 60] == 255
    assert alpha_u8[2, 2] == 0


async def test_every_stage_reports_its_time(segmenter: Segmenter) -> None:
    timings = (await cut(segmenter, red_ball())).timings
    seconds = {
        field.name: getattr(timings, field.name).ToNanoseconds() / 1e9
        for field in timings.DESCRIPTOR.fields
    }
    assert all(timings.HasField(name) for name in seconds)
    stages = sum(value for name, value in seconds.items() if name != "total")
    assert 0 < stages <= seconds["total"]


async def test_a_profile_travels_with_its_picture(segmenter: Segmenter) -> None:
    photo = Path(__file__).parents[2] / "data" / "rocket.jpg"
    with Image.open(photo) as source:
        profile = source.info["icc_profile"]
    assert opened(await cut(segmenter, photo.read_bytes())).info["icc_profile"] == profile


async def test_orientation_is_applied(segmenter: Segmenter) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    cut_out = await cut(segmenter, red_ball(format="JPEG", exif=exif))
    assert (cut_out.width_px, cut_out.height_px) == (80, 120)
    assert "exif" not in opened(cut_out).info


async def test_answers_over_the_limit_are_scaled_down(start_segmenter: StartSegmenter) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_output_pixels=120 * 80))
    await segmenter.await_serving()
    at_limit = await cut(segmenter, red_ball(120, 80))
    past_limit = await cut(segmenter, red_ball(240, 160))
    assert (at_limit.width_px, at_limit.height_px) == (120, 80)
    assert (past_limit.width_px, past_limit.height_px) == (120, 80)
    assert np.array(opened(past_limit))[40, 60, 3] == 255


JPEG, GIF = red_ball(format="JPEG"), red_ball(format="GIF")

BAD_INPUT: dict[str, tuple[bytes, str, dict[str, str]]] = {
    "no bytes": (b"", "MISSING_IMAGE", {}),
    "no image": (b"hello, world", "INVALID_IMAGE", {}),
    "truncated": (JPEG[: len(JPEG) // 2], "INVALID_IMAGE", {"format": "jpeg"}),
    "header only": (JPEG[:10], "INVALID_IMAGE", {"format": "jpeg"}),
    "truncated in a child": (GIF[: len(GIF) // 2], "INVALID_IMAGE", {"format": "gif"}),
    "another format": (b"8BPS\0\1" + bytes(40), "UNSUPPORTED_IMAGE_FORMAT", {"format": "psd"}),
}


@pytest.mark.parametrize(("image", "reason", "metadata"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
async def test_bad_input_gets_its_error_and_the_next_request_its_answer(
    segmenter: Segmenter, image: bytes, reason: str, metadata: dict[str, str]
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, image)
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details(refusal.value).reason == reason
    assert details(refusal.value).domain == "segmenter.mattebox"
    assert dict(details(refusal.value).metadata) == metadata
    assert (await cut(segmenter, red_ball())).foreground_found


async def test_bytes_are_limited(start_segmenter: StartSegmenter) -> None:
    image = red_ball()
    segmenter = await start_segmenter(image=ImageSettings(max_bytes=len(image)))
    await segmenter.await_serving()
    assert (await cut(segmenter, image)).foreground_found
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, image + b"\0")
    assert details(refusal.value).reason == "IMAGE_TOO_MANY_BYTES"
    assert details(refusal.value).metadata["limit_bytes"] == str(len(image))


async def test_pixels_are_limited(start_segmenter: StartSegmenter) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_pixels=120 * 80))
    await segmenter.await_serving()
    assert (await cut(segmenter, red_ball(120, 80))).foreground_found
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, red_ball(121, 80))
    info = details(refusal.value)
    assert info.reason == "IMAGE_TOO_MANY_PIXELS"
    assert dict(info.metadata) == {"limit_pixels": "9600", "width_px": "121", "height_px": "80"}


async def test_a_bomb_is_refused_by_its_header(segmenter: Segmenter) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 65_535, 65_535, 8, 6, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes(10_000)))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b""))
    assert details(refusal.value).reason == "IMAGE_TOO_MANY_PIXELS"


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        ({"format": 99}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_OPTION"),
        ({"channels": 99}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_OPTION"),
        ({"model": "no-such"}, grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND"),
    ],
)
async def test_unknown_options_are_refused(
    segmenter: Segmenter, options: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, red_ball(), **options)
    assert refusal.value.code() is code
    assert details(refusal.value).reason == reason


async def test_models_are_listed(segmenter: Segmenter) -> None:
    (model,) = (await segmenter.stub.ListModels(v1.ListModelsRequest())).models
    assert (model.name, model.is_default) == (red_network.NAME, True)
    assert (model.input_height_px, model.input_width_px) == (64, 64)


async def test_health_is_told_by_every_name(segmenter: Segmenter) -> None:
    for name in ("", "readiness", "liveness"):
        answer = await segmenter.health.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_the_contract_can_be_asked_for(segmenter: Segmenter) -> None:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(cast("grpc.Channel", segmenter.channel))

    async def questions() -> AsyncIterator[Any]:
        request: Any = reflection_pb2.ServerReflectionRequest
        yield request(list_services="")

    async for answer in stub.ServerReflectionInfo(questions()):
        names = {service.name for service in answer.list_services_response.service}
        assert "mattebox.segmenter.v1.SegmenterService" in names


async def test_an_engine_that_computes_wrongly_is_never_served_from(
    start_segmenter: StartSegmenter, tmp_path: Path
) -> None:
    red_network.install(tmp_path / "wrong", known=(0.123,) * 64)
    segmenter = await start_segmenter(repository=tmp_path / "wrong")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await segmenter.await_serving()
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, red_ball())
    assert refusal.value.code() is grpc.StatusCode.UNAVAILABLE
    assert details(refusal.value).reason == "ENGINE_UNAVAILABLE"
    assert "computes the model red wrongly" in segmenter.log.getvalue()


async def test_what_cannot_start_soon_is_refused_and_told_when_to_come_back(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(admission=AdmissionSettings(budget_mp=1, max_waiting=1))
    await segmenter.await_serving()
    image = red_ball(2000, 1500, compress_level=0)
    outcomes = await asyncio.gather(
        *(cut(segmenter, image) for _ in range(6)), return_exceptions=True
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]
    assert 1 <= len(refusals) < 6
    for refusal in refusals:
        assert refusal.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details(refusal).reason == "OVERLOADED"
        retry = unpacked(refusal, error_details_pb2.RetryInfo())
        assert retry.retry_delay.ToMilliseconds() >= 1000
    assert segmenter.sample("admitted_megapixels") == 0
    assert (await cut(segmenter, red_ball())).foreground_found


async def test_a_passed_deadline_ends_the_call_and_frees_its_share(segmenter: Segmenter) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, red_ball(3000, 2000), timeout_s=0.02)
    assert refusal.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert (await cut(segmenter, red_ball())).foreground_found
    # Once the thread that it had begun on has ended.
    await until(lambda: segmenter.sample("admitted_megapixels") == 0)


async def test_concurrent_requests_share_batches_and_keep_their_answers(
    segmenter: Segmenter,
) -> None:
    sizes = [(60 + 7 * number, 50 + 3 * number) for number in range(24)]
    alone = [(await cut(segmenter, red_ball(*size))).image for size in sizes]
    before = segmenter.sample("batch_size_count", model="red")
    together = await asyncio.gather(*(cut(segmenter, red_ball(*size)) for size in sizes))
    batches = segmenter.sample("batch_size_count", model="red") - before
    assert [opened(each).tobytes() for each in together] == [
        Image.open(io.BytesIO(image)).tobytes() for image in alone
    ]
    assert batches < 24


async def test_stopping_finishes_what_is_in_flight_and_refuses_the_rest(
    segmenter: Segmenter,
) -> None:
    in_flight = asyncio.ensure_future(cut(segmenter, red_ball(2000, 1500)))
    while not segmenter.sample("admitted_megapixels"):
        await asyncio.sleep(0.001)
    stopping = asyncio.create_task(segmenter.server.stop())
    assert (await in_flight).foreground_found
    await stopping
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, red_ball())
    assert refusal.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_damaged_network_is_told_and_served_once_it_is_whole_again(
    start_segmenter: StartSegmenter, red_repository: Path
) -> None:
    path = red_repository / red_network.NAME / "1" / "model.onnx"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    segmenter = await start_segmenter()
    async with asyncio.timeout(10):
        while "cannot be loaded" not in segmenter.log.getvalue():
            await asyncio.sleep(0.01)
    path.write_bytes(whole)
    await segmenter.await_serving()
    assert (await cut(segmenter, red_ball())).foreground_found


async def test_bytes_of_all_calls_together_are_limited(start_segmenter: StartSegmenter) -> None:
    image = red_ball(1500, 1200, compress_level=0)
    limits = AdmissionSettings(max_held_bytes=math.ceil(2 * len(image) * 4 / 3))
    segmenter = await start_segmenter(admission=limits, image=ImageSettings(max_bytes=len(image)))
    await segmenter.await_serving()
    outcomes = await asyncio.gather(
        *(cut(segmenter, image) for _ in range(8)), return_exceptions=True
    )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]
    assert 1 <= len(refusals) <= 6
    assert {details(refusal).reason for refusal in refusals} == {"OVERLOADED"}
    assert segmenter.sample("held_bytes") == 0


def no_upload_is_held() -> bool:
    """Tells whether no request is left, and no frame of a call, which would hold its bytes."""
    return not any(
        each.f_code is SegmenterServicer.RemoveBackground.__code__
        if isinstance(each, FrameType)
        else isinstance(each, v1.RemoveBackgroundRequest)
        for each in gc.get_objects()
    )


@pytest.fixture(params=["untraced", "traced"])
async def either_segmenter(
    start_segmenter: StartSegmenter,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Segmenter]:
    with ExitStack() as stack:
        tracer = OFF
        if request.param == "traced":
            collector = stack.enter_context(http_collector())
            tracer = stack.enter_context(traced(monkeypatch, tracing_to(collector)))
        started = await start_segmenter(tracer=tracer)
        await started.await_serving()
        yield started


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "image",
    [b"\xff\xd8\xff" + bytes(4_000_000), red_ball(900, 700, compress_level=0)[:-100_000]],
    ids=["no picture", "cut off"],
)
async def test_a_refused_upload_does_not_stay_in_memory(
    either_segmenter: Segmenter, image: bytes
) -> None:
    for _ in range(5):
        with pytest.raises(grpc.aio.AioRpcError):
            await cut(either_segmenter, image)
    # The server lets go of the last one a moment after its answer has left.
    await until(no_upload_is_held)


@pytest.mark.usefixtures("no_collector")
async def test_the_upload_of_a_caller_who_leaves_does_not_stay_in_memory(
    either_segmenter: Segmenter,
) -> None:
    segmenter = either_segmenter
    image = red_ball(2000, 1500)
    for _ in range(3):
        call = asyncio.ensure_future(cut(segmenter, image))
        await until(lambda: segmenter.sample("admitted_megapixels") > 0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        del call
        await until(lambda: segmenter.sample("held_bytes") == 0)
    await until(no_upload_is_held)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "AVIF"])
async def test_no_pixel_is_written_to_any_file(
    segmenter: Segmenter, files_opened_for_writing: list[str], kind: str
) -> None:
    assert (await cut(segmenter, red_ball(format=kind))).foreground_found
    written = [name for name in files_opened_for_writing if not name.startswith("/dev/")]
    assert written == []
