"""Finished images as bytes, and the headers that tell of them."""

import re

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client, Reply
from tests.contract.pictures import HEIGHT_PX, WIDTH_PX, Pixels, encoded, photo

pytestmark = pytest.mark.e2e

STAGES = {"decode", "queue", "infer", "matte", "compose", "encode"}
FIELDS = [
    {},
    {"format": "jpg"},
    {"format": "webp"},
    {"format": "gif"},
    {"channels": "alpha"},
    {"crop": "true"},
]


@pytest.mark.parametrize("fields", FIELDS, ids=str)
def test_the_headers_tell_of_the_bytes(service: Client, cup: bytes, fields: dict[str, str]) -> None:
    reply = service.post_file(cup, fields)
    image = reply.image()
    assert reply.status == 200
    assert reply.headers["Content-Type"] == Image.MIME[str(image.format)]
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    assert "Content-Encoding" not in reply.headers
    assert (int(reply.headers["X-Width"]), int(reply.headers["X-Height"])) == image.size
    assert re.fullmatch(r"req_[0-9A-Za-z._-]+", reply.request_id)
    assert reply.headers["Cache-Control"] == "no-store"


def test_the_size_in_the_headers_is_that_of_the_answer(service: Client) -> None:
    image = encoded(photo("coffee", 900, 600), "JPEG")
    reply = service.post_file(image, {"size": "preview"})
    assert (int(reply.headers["X-Width"]), int(reply.headers["X-Height"])) == reply.image().size
    assert int(reply.headers["X-Width"]) < 900


def test_the_stages_are_told_with_their_times(cup_reply: Reply) -> None:
    told = {}
    for stage in cup_reply.headers["Server-Timing"].split(","):
        name, duration_ms = re.fullmatch(r"\s*(\w+);dur=(\d+(?:\.\d+)?)\s*", stage).groups()  # type: ignore[union-attr]
        told[name] = float(duration_ms)
    assert set(told) >= STAGES
    assert told["infer"] > 0


def test_a_subject_is_told(cup_reply: Reply, cup_rgba_u8: Pixels) -> None:
    assert cup_reply.headers["X-Foreground-Found"] == "true"
    alpha_u8 = cup_rgba_u8[..., 3]
    # The cup is in the middle and the table around it, and both are clear.
    assert alpha_u8[HEIGHT_PX // 2, WIDTH_PX // 2] == 255
    assert alpha_u8[2, 2] == 0


def test_the_subject_keeps_its_own_colours(cup_rgba_u8: Pixels) -> None:
    inside = cup_rgba_u8[..., 3] == 255
    source_rgb_u8 = np.array(photo())
    assert (cup_rgba_u8[inside][:, :3] == source_rgb_u8[inside]).mean() > 0.98


@pytest.mark.parametrize("fields", [{}, {"channels": "alpha"}, {"crop": "true"}], ids=str)
def test_no_subject_is_a_200_with_an_empty_matte(
    service: Client, grey: bytes, fields: dict[str, str]
) -> None:
    reply = service.post_file(grey, fields)
    assert (reply.status, reply.headers["X-Foreground-Found"]) == (200, "false")
    alpha_u8 = np.array(reply.image("PNG").getchannel("A" if "channels" not in fields else 0))
    assert alpha_u8.shape == (HEIGHT_PX, WIDTH_PX)
    assert alpha_u8.max() < 128


def test_the_same_request_is_answered_with_the_same_bytes(
    service: Client, cup: bytes, cup_reply: Reply
) -> None:
    again = service.post_file(cup)
    assert again.body == cup_reply.body
    assert again.request_id != cup_reply.request_id
