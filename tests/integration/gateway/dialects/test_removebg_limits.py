"""The limits of remove.bg's dialect: at each, and one past it."""

import base64
import io
from urllib.parse import quote_plus

import pytest

from gateway.contracts.removebg.options import NAMES
from gateway.settings import MIB, DialectsSettings, FetchSettings, UploadSettings
from tests.contract.picture_host import picture_host
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.dialects.removebg import (
    FORM,
    FOUND,
    PATH,
    code,
    in_pieces,
    post,
    post_form,
    post_image,
    post_json,
    told,
)
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway, multipart

SMALL = DialectsSettings(removebg_mb=1)
TOO_LARGE = [("file_too_large", "File too large")]
SPARE = [(0, 200), (1, 400)]
RATE = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}


@pytest.fixture(autouse=True)
def _found(segmenter: FakeSegmenter) -> None:
    segmenter.behaviour = FOUND


@pytest.mark.parametrize(("surplus_bytes", "status"), SPARE)
async def test_by_default_22_mb_of_image_pass(
    gateway: ServedGateway, segmenter: FakeSegmenter, surplus_bytes: int, status: int
) -> None:
    reply = await post_form(gateway, ("image_file", bytes(22 * MIB + surplus_bytes)))

    assert reply.status == status
    if status == 200:
        assert len(segmenter.calls[0].image) == 22 * MIB
    else:
        assert told(reply, 400) == TOO_LARGE


@pytest.mark.parametrize("is_chunked", [True, False])
@pytest.mark.parametrize(("surplus_bytes", "status"), SPARE)
async def test_a_file(
    serve_gateway: ServeGateway, surplus_bytes: int, status: int, is_chunked: bool
) -> None:
    gateway = await serve_gateway(dialects=SMALL)
    body = multipart(("image_file", bytes(MIB + surplus_bytes)))

    reply = await post(gateway, in_pieces(body) if is_chunked else io.BytesIO(body), FORM)

    assert reply.status == status
    if status != 200:
        assert told(reply, 400) == TOO_LARGE
        assert set(reply.headers) >= RATE


@pytest.mark.parametrize(("surplus_bytes", "status"), SPARE)
@pytest.mark.parametrize("kind", ["multipart", "urlencoded", "json"])
async def test_base64(
    serve_gateway: ServeGateway, kind: str, surplus_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(dialects=SMALL)
    text = base64.b64encode(bytes(MIB + surplus_bytes)).decode()

    if kind == "multipart":
        reply = await post_form(gateway, ("image_file_b64", text.encode()))
    elif kind == "urlencoded":
        body = f"image_file_b64={quote_plus(text)}".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = await post(gateway, io.BytesIO(body), headers)
    else:
        reply = await post_json(gateway, image_file_b64=text)

    assert reply.status == status
    if status != 200:
        assert told(reply, 400) == TOO_LARGE


@pytest.mark.parametrize("name", ["image_url", "bg_image_url"])
@pytest.mark.parametrize(("surplus_bytes", "status"), SPARE)
async def test_a_download(
    serve_gateway: ServeGateway, name: str, surplus_bytes: int, status: int
) -> None:
    with picture_host({"/photo.jpg": bytes(MIB + surplus_bytes)}) as host:
        fetch = FetchSettings(allow=("127.0.0.1/32",), ports=(host.port,))
        gateway = await serve_gateway(dialects=SMALL, fetch=fetch)
        image = [] if name == "image_url" else [("image_file", b"an image")]

        reply = await post_form(gateway, *image, (name, f"{host.url}/photo.jpg".encode()))

    assert reply.status == status
    if status != 200:
        assert told(reply, 400) == TOO_LARGE


@pytest.mark.parametrize(("surplus_bytes", "status"), SPARE)
async def test_the_picture_behind(
    serve_gateway: ServeGateway, surplus_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(dialects=SMALL)
    largest = bytes(MIB)

    reply = await post_form(
        gateway, ("image_file", largest), ("bg_image_file", bytes(MIB + surplus_bytes))
    )

    assert reply.status == status
    if status != 200:
        assert told(reply, 400) == TOO_LARGE


async def test_the_servers_own_limit_holds_where_it_is_smaller(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(upload=UploadSettings(image_bytes=1000))

    at_limit = await post_form(gateway, ("image_file", bytes(1000)))
    beyond = await post_form(gateway, ("image_file", bytes(1001)))

    assert at_limit.status == 200
    assert told(beyond, 400) == TOO_LARGE


async def test_a_declared_length_over_the_limit_is_refused_readably(
    gateway: ServedGateway,
) -> None:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: {gateway.key}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 99000000\r\n\r\n"
    )

    reply = await gateway.exchange(head.encode() + bytes(1_000_000))

    assert told(reply, 400) == TOO_LARGE
    assert reply.headers["Connection"] == "close"


async def test_a_slow_body_is_given_up(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=UploadSettings(read_timeout_s=0.1))
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: {gateway.key}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 10\r\n\r\n"
    )

    reply = await gateway.exchange(head.encode())

    assert code(reply, 408) == "request_timeout"
    assert set(reply.headers) >= RATE


@pytest.mark.parametrize(("megapixels", "pixels"), [(50, 50_000_000), (7, 7_000_000)])
async def test_the_most_megapixels_are_the_segmenters_to_count(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, megapixels: int, pixels: int
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(removebg_mp=megapixels))

    await post_image(gateway)

    assert segmenter.calls[0].options.max_input_pixels == pixels


async def test_a_text_under_another_name_is_an_invalid_request(gateway: ServedGateway) -> None:
    reply = await post_form(gateway, ("image_file", b"an image"), ("note", bytes(2_000_000)))

    assert code(reply) == "invalid_request"


@pytest.mark.parametrize("spread", [0, 1])
async def test_a_client_may_send_every_field_that_it_leaves_unset(
    gateway: ServedGateway, segmenter: FakeSegmenter, spread: int
) -> None:
    unset = sorted(NAMES | {"image_file_b64", "image_url", "bg_image_url", "bg_image_file"})
    others = [f"other_{number}" for number in range(UploadSettings().parts - 1 - len(unset))]
    fields = [(name, b"") for name in [*unset, *others, *["one_more"] * spread]]

    reply = await post_form(gateway, *fields, ("image_file", b"an image"))
    assert reply.status == (400 if spread else 200)
    assert len(segmenter.calls) == 1 - spread
