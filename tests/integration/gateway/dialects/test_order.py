"""Key, rate, body, fields, image: of all that is wrong with a request, the first is told."""

import io
from dataclasses import dataclass

import pytest

from tests.integration.gateway.database import Database
from tests.integration.gateway.dialects.failing_requests import (
    SEGMENTERS_FAILURES,
    key_of_one_request,
)
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import Reply, ServedGateway, multipart

FORM = {"Content-Type": "multipart/form-data; boundary=b"}
BAD_IMAGE = b"no image"
NO_KEY = "nonsense"


@dataclass(frozen=True, slots=True)
class Order:
    """Where a dialect takes pictures, and what it says of each failure."""

    path: str
    key_header: str
    file: str
    option: str
    key: tuple[int, str]
    rate: tuple[int, str]
    body: tuple[int, str]
    fields: tuple[int, str]
    no_image: tuple[int, str]
    image: tuple[int, str]


UNREADABLE = "The segmenter's own words"
ORDERS = {
    "photoroom": Order(
        "/v1/segment",
        "x-api-key",
        "image_file",
        "size",
        key=(403, "unauthorized"),
        rate=(429, "rate_limit_exceeded"),
        body=(400, "missing_image"),
        fields=(400, "invalid_parameter"),
        no_image=(400, "Please provide an image."),
        image=(400, "invalid_image"),
    ),
    "clipdrop": Order(
        "/remove-background/v1",
        "x-api-key",
        "image_file",
        "transparency_handling",
        key=(403, "Invalid or revoked api key"),
        rate=(429, "Too many requests"),
        body=(400, "multipart"),
        fields=(400, "transparency_handling must be"),
        no_image=(400, "Missing image."),
        image=(400, UNREADABLE),
    ),
    "slazzer": Order(
        "/v2.0/remove_image_background",
        "API-KEY",
        "source_image_file",
        "format",
        key=(401, "invalid api key"),
        rate=(429, "Api rate limit crossed"),
        body=(400, "multipart"),
        fields=(400, "format must be"),
        no_image=(400, "Source image file not found"),
        image=(400, UNREADABLE),
    ),
}


@pytest.fixture(params=ORDERS)
def order(request: pytest.FixtureRequest) -> Order:
    return ORDERS[request.param]


@pytest.fixture(autouse=True)
def _unreadable(segmenter: FakeSegmenter) -> None:
    segmenter.behaviour = SEGMENTERS_FAILURES["invalid_image"]


async def post(gateway: ServedGateway, order: Order, key: str, body: bytes) -> Reply:
    headers = {order.key_header: key, **FORM}
    return await gateway.ask("POST", order.path, data=io.BytesIO(body), headers=headers)


def broken(order: Order) -> bytes:
    """A form with a bad field, without an image, that breaks off."""
    return multipart((order.option, b"nonsense"))[:-10]


def check(reply: Reply, failure: tuple[int, str]) -> None:
    status, words = failure
    assert reply.status == status
    assert words in reply.body.decode()


async def test_a_bad_key_comes_first(
    gateway: ServedGateway, segmenter: FakeSegmenter, order: Order
) -> None:
    check(await post(gateway, order, NO_KEY, broken(order)), order.key)
    assert segmenter.calls == []


async def test_then_the_rate(gateway: ServedGateway, database: Database, order: Order) -> None:
    key = await key_of_one_request(database)
    check(await post(gateway, order, key, broken(order)), order.body)

    check(await post(gateway, order, key, broken(order)), order.rate)


async def test_then_the_body(gateway: ServedGateway, order: Order) -> None:
    reply = await post(gateway, order, gateway.key, broken(order))

    check(reply, order.body)
    assert order.no_image[1] not in reply.body.decode()
    assert order.fields[1] not in reply.body.decode()


@pytest.mark.parametrize("image", [b"", BAD_IMAGE], ids=["no image", "a bad image"])
async def test_then_the_fields(
    gateway: ServedGateway, segmenter: FakeSegmenter, order: Order, image: bytes
) -> None:
    body = multipart((order.option, b"nonsense"), (order.file, image))

    check(await post(gateway, order, gateway.key, body), order.fields)
    assert segmenter.calls == []


async def test_the_image_comes_last(gateway: ServedGateway, order: Order) -> None:
    missing = multipart(("client", b"anything"))
    check(await post(gateway, order, gateway.key, missing), order.no_image)

    check(await post(gateway, order, gateway.key, multipart((order.file, BAD_IMAGE))), order.image)
