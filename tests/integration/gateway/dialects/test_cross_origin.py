"""What browsers are told of pages of other origins that speak a dialect."""

from dataclasses import dataclass

import pytest

from gateway.settings import CorsSettings
from mattebox.segmenter import v1
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import Reply, ServedGateway, multipart

SHOP = "https://shop.example"
NATIVE_KEY = "x-api-key"
UNREADABLE = {"x-content-type-options", "x-frame-options"}


@dataclass(frozen=True, slots=True)
class Call:
    """A dialect's call for a picture: its path, the header of its key and the name of its file."""

    path: str
    key_header: str
    file: str


CALLS = {
    "removebg": Call("/v1.0/removebg", NATIVE_KEY, "image_file"),
    "photoroom": Call("/v1/segment", NATIVE_KEY, "image_file"),
    "clipdrop": Call("/remove-background/v1", NATIVE_KEY, "image_file"),
    "slazzer": Call("/v2.0/remove_image_background", "api-key", "source_image_file"),
    "picsart": Call("/tools/1.0/removebg", "x-picsart-api-key", "image"),
    "rembg": Call("/api/remove", NATIVE_KEY, "file"),
}


@pytest.fixture
async def gateway(serve_gateway: ServeGateway, segmenter: FakeSegmenter) -> ServedGateway:
    """A gateway that one origin may call, whose pictures have a subject."""
    segmenter.behaviour = Answer(subject=v1.Box(width_px=1, height_px=1))
    return await serve_gateway(cors=CorsSettings(origins=(SHOP,)))


def items(reply: Reply, name: str) -> set[str]:
    return {each.lower() for each in reply.headers[f"Access-Control-{name}"].split(", ")}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_the_key_may_be_sent_in_the_header_of_the_dialect(
    gateway: ServedGateway, call: Call
) -> None:
    headers = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": call.key_header,
    }

    reply = await gateway.ask("OPTIONS", call.path, headers=headers)

    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (204, SHOP)
    expected = {call.key_header, NATIVE_KEY, "authorization", "content-type", "x-request-id"}
    assert items(reply, "Allow-Headers") == expected


@pytest.mark.parametrize("key_is_good", [True, False])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_every_header_of_an_answer_may_be_read(
    gateway: ServedGateway, call: Call, key_is_good: bool
) -> None:
    headers = {
        "Origin": SHOP,
        "Content-Type": "multipart/form-data; boundary=b",
        call.key_header: gateway.key if key_is_good else "nonsense",
    }

    body = multipart((call.file, b"an image"))
    reply = await gateway.ask("POST", call.path, data=body, headers=headers)

    assert (reply.status == 200) == key_is_good
    sent = {name.lower() for name in reply.headers if name.lower().startswith("x-")}
    assert sent - items(reply, "Expose-Headers") == UNREADABLE


async def test_a_roughly_followed_field_may_be_read_of(gateway: ServedGateway) -> None:
    body = multipart(("image_file", b"an image"), ("shadow_type", b"3D"))
    headers = {
        "Origin": SHOP,
        "Content-Type": "multipart/form-data; boundary=b",
        NATIVE_KEY: gateway.key,
    }

    reply = await gateway.ask("POST", "/v1.0/removebg", data=body, headers=headers)

    assert reply.headers["X-Approximated-Fields"] == "shadow_type"
    assert "x-approximated-fields" in items(reply, "Expose-Headers")
