"""What the tests of remove.bg's dialect ask, and how they read its failures."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from mattebox.segmenter import v1
from tests.integration.gateway.fake_segmenter import Answer
from tests.integration.gateway.served_gateway import NO_HEADERS, Reply, ServedGateway, multipart

PATH = "/v1.0/removebg"
FOUND = Answer(
    image=b"the cut-out",
    subject=v1.Box(left_px=3, top_px=5, width_px=20, height_px=30),
    output_format=v1.OutputFormat.OUTPUT_FORMAT_JPEG,
)
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


async def post(
    gateway: ServedGateway,
    data: Any,
    headers: Mapping[str, str] = NO_HEADERS,
    path: str = PATH,
) -> Reply:
    """Posts a body with the key."""
    return await gateway.ask("POST", path, data=data, headers={"X-Api-Key": gateway.key, **headers})


async def post_form(
    gateway: ServedGateway, *parts: tuple[str, bytes], headers: Mapping[str, str] = NO_HEADERS
) -> Reply:
    """Posts a form of names and contents, whose parts have neither types nor file names."""
    return await post(gateway, io.BytesIO(multipart(*parts)), FORM | dict(headers))


async def post_image(gateway: ServedGateway, **fields: str) -> Reply:
    """Posts an image with these fields."""
    parts = [(name, value.encode()) for name, value in fields.items()]
    return await post_form(gateway, ("image_file", b"an image"), *parts)


async def post_json(gateway: ServedGateway, **document: Any) -> Reply:
    """Posts JSON with the key."""
    body = io.BytesIO(json.dumps(document).encode())
    return await post(gateway, body, {"Content-Type": "application/json"})


def told(reply: Reply, status: int) -> list[tuple[str, str]]:
    """The codes and titles of a failure, after checking that it is in the envelope."""
    assert reply.status == status
    assert reply.headers["Content-Type"].startswith("application/json")
    content = reply.json()
    assert list(content) == ["errors"]
    assert content["errors"]
    for error in content["errors"]:
        assert {"title", "code"} <= set(error) <= {"title", "code", "detail"}
    return [(error["code"], error["title"]) for error in content["errors"]]


def code(reply: Reply, status: int = 400) -> str:
    """The code of a failure."""
    return told(reply, status)[0][0]


async def in_pieces(body: bytes, piece_bytes: int = 65_536) -> AsyncIterator[bytes]:
    """Makes a body of unknown length, which is sent in chunks."""
    for start in range(0, len(body), piece_bytes):
        yield body[start : start + piece_bytes]
        await asyncio.sleep(0)
