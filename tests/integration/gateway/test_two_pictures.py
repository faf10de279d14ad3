"""Requests with an image and a picture to put behind its subject, and the keys of dialects."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from gateway.accounts.keys import key_id
from gateway.pictures import Slot
from gateway.settings import COPIES_HELD, COPIES_READ, UploadSettings
from tests.integration.gateway.served_intake import KEY, OTHER_KEY, Way, served_intake, told
from tests.unit.gateway.bodies.dialects import DATA_URLS, QUERY, TWO
from tests.unit.gateway.fetch.upstream import Upstream, http_answer

LIMITS = UploadSettings(image_bytes=1000, text_bytes=1500, field_bytes=100, slack_bytes=500)
IMAGE, BACK = b"i" * 300, b"b" * 500
WAY = Way(TWO, LIMITS)
BOTH = {Slot.IMAGE: IMAGE, Slot.BACKGROUND: BACK}
SLOTS = pytest.mark.parametrize("slot", Slot)
NAMES = {Slot.IMAGE: "picture", Slot.BACKGROUND: "back"}
DETAILS: dict[Slot, dict[str, str]] = {Slot.IMAGE: {}, Slot.BACKGROUND: {"image": "background"}}


def text_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
async def upstream() -> AsyncIterator[tuple[Upstream, int]]:
    """A host of pictures and its port."""
    upstream = Upstream()
    upstream.answers = {
        "/image": http_answer(body=IMAGE),
        "/back": http_answer(body=BACK),
        "/most": http_answer(body=b"m" * 1000),
        "/large": http_answer(body=b"l" * 1001),
        "/empty": http_answer(),
        "/gone": http_answer(404),
    }
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    async with server:
        yield upstream, server.sockets[0].getsockname()[1]


def form(**fields: bytes | str) -> aiohttp.FormData:
    data = aiohttp.FormData()
    for name, value in fields.items():
        data.add_field(name, value, filename=name if isinstance(value, bytes) else None)
    return data


@pytest.mark.parametrize("first", Slot)
@pytest.mark.parametrize(
    ("request_", "copies"),
    [
        ({"data": {"picture": IMAGE, "back": BACK}}, COPIES_HELD),
        ({"json": {"picture_b64": text_of(IMAGE), "back_b64": text_of(BACK)}}, COPIES_READ),
    ],
    ids=["files", "texts"],
)
async def test_both_pictures_are_held_until_they_have_been_sent(
    first: Slot, request_: dict[str, Any], copies: int
) -> None:
    if "data" in request_:
        request_ = {"data": form(**request_["data"])}
        waiting = {slot: copies * len(content) for slot, content in BOTH.items()}
    else:
        waiting = {slot: copies * len(text_of(content)) for slot, content in BOTH.items()}
    second = next(slot for slot in Slot if slot is not first)
    taken = {slot: COPIES_HELD * len(content) for slot, content in BOTH.items()}

    async with served_intake(replace(WAY, first=first)) as (served, client):
        assert await told(client, "POST", **request_) == (200, {})

    assert served.taken.pictures == [BOTH]
    assert served.taken.held_bytes == [
        (sum(waiting.values()), taken[first] + waiting[second], sum(taken.values()), 0)
    ]
    assert served.budget.reserved_bytes == 0


async def test_both_pictures_are_fetched_and_held(upstream: tuple[Upstream, int]) -> None:
    port = upstream[1]
    urls = {
        "picture_url": f"http://127.0.0.1:{port}/image",
        "back_url": f"http://127.0.0.1:{port}/back",
    }

    async with served_intake(replace(WAY, port=port)) as (served, client):
        assert await told(client, "POST", data=urls) == (200, {})

    assert served.taken.pictures == [BOTH]
    assert served.taken.held_bytes[0][-2:] == (COPIES_HELD * (300 + 500), 0)


@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (-1, 503)])
@SLOTS
async def test_a_download_gets_its_room_beside_the_other_picture(
    upstream: tuple[Upstream, int], slot: Slot, surplus_bytes: int, status: int
) -> None:
    port = upstream[1]
    if slot is Slot.IMAGE:
        data = form(picture_url=f"http://127.0.0.1:{port}/most", back=IMAGE)
    else:
        data = form(picture=IMAGE, back_url=f"http://127.0.0.1:{port}/most")
    # Of which a key gets three quarters.
    budget_bytes = -(-COPIES_HELD * (300 + 1000) * 4 // 3) + surplus_bytes
    way = replace(WAY, port=port, budget_bytes=budget_bytes)

    async with served_intake(way) as (served, client):
        assert (await told(client, "POST", data=data))[0] == status

    assert served.budget.reserved_bytes == 0


async def test_without_a_background_there_is_none() -> None:
    async with served_intake(WAY) as (served, client):
        assert (await told(client, "POST", data=form(picture=IMAGE)))[0] == 200

    assert served.taken.pictures == [{Slot.IMAGE: IMAGE, Slot.BACKGROUND: b""}]


async def test_without_an_image_a_background_is_not_enough() -> None:
    async with served_intake(WAY) as (_, client):
        status, error = await told(client, "POST", data=form(back=BACK))

    assert (status, error["code"], error["details"]) == (400, "missing_image", {})


@SLOTS
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/large", 413, "image_too_large"),
        ("/empty", 400, "invalid_image"),
        ("/gone", 400, "image_url_fetch_failed"),
    ],
)
async def test_a_download_that_fails_tells_which_picture(
    upstream: tuple[Upstream, int], slot: Slot, path: str, status: int, code: str
) -> None:
    port = upstream[1]
    urls = {
        "picture_url": f"http://127.0.0.1:{port}/image",
        "back_url": f"http://127.0.0.1:{port}/back",
    }
    urls[f"{NAMES[slot]}_url"] = f"http://127.0.0.1:{port}{path}"

    async with served_intake(replace(WAY, port=port)) as (_, client):
        told_status, error = await told(client, "POST", data=urls)

    assert (told_status, error["code"], error["details"]) == (status, code, DETAILS[slot])
    if path == "/gone":
        # Of hosts that are not public, no status.
        assert error["message"] == f"cannot download {NAMES[slot]}_url"


@SLOTS
async def test_a_url_that_is_none_tells_which_picture(slot: Slot) -> None:
    fields = {"picture_b64": text_of(IMAGE), "back_b64": text_of(BACK)}
    fields.pop(f"{NAMES[slot]}_b64")
    fields[f"{NAMES[slot]}_url"] = "ftp://a/"

    async with served_intake(WAY) as (_, client):
        status, error = await told(client, "POST", json=fields)

    assert (status, error["code"], error["details"]) == (400, "invalid_image_url", DETAILS[slot])
    assert error["message"].startswith(f"{NAMES[slot]}_url must be")


@SLOTS
@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("A", 400, "invalid_base64"), (text_of(b"x" * 1001), 413, "image_too_large")],
)
async def test_base64_that_is_none_tells_which_picture(
    slot: Slot, text: str, status: int, code: str
) -> None:
    fields = {"picture_b64": text_of(IMAGE), "back_b64": text_of(BACK)}
    fields[f"{NAMES[slot]}_b64"] = text

    async with served_intake(WAY) as (_, client):
        told_status, error = await told(client, "POST", data=fields)

    assert (told_status, error["code"], error["details"]) == (status, code, DETAILS[slot])


async def test_both_pictures_may_be_as_large_as_one_may() -> None:
    both = {"picture_b64": text_of(b"i" * 1000), "back_b64": text_of(b"b" * 1000)}

    async with served_intake(replace(WAY, vocabulary=TWO)) as (served, client):
        for request in ({"json": both}, {"data": both}, {"data": form(**both)}):
            assert (await told(client, "POST", **request))[0] == 200

    assert {len(each) for pictures in served.taken.pictures for each in pictures.values()} == {1000}


async def test_a_data_url_is_decoded() -> None:
    fields = {"picture_url": f"data:image/png;base64,{text_of(IMAGE)}", "back_url": "data:,x"}

    async with served_intake(replace(WAY, vocabulary=DATA_URLS)) as (_, client):
        status, error = await told(client, "POST", json=fields)

    # The image was; the background is a data URL of another kind.
    assert (status, error["code"]) == (400, "invalid_base64")
    assert error["details"] == DETAILS[Slot.BACKGROUND]


async def test_a_request_without_a_body_may_name_its_image(upstream: tuple[Upstream, int]) -> None:
    port = upstream[1]
    query = {"url": f"http://127.0.0.1:{port}/image"}

    async with served_intake(Way(QUERY, LIMITS, port=port)) as (served, client):
        assert (await told(client, "GET", params=query))[0] == 200
        status, error = await told(client, "GET")

    assert served.taken.pictures[0][Slot.IMAGE] == IMAGE
    assert (status, error["code"]) == (400, "missing_image")


@pytest.mark.parametrize(
    ("headers", "path", "key"),
    [
        ({"API-KEY": OTHER_KEY, "X-Api-Key": "wrong"}, "/", OTHER_KEY),
        ({"X-Api-Key": OTHER_KEY}, "/", OTHER_KEY),
        ({"Authorization": f"Token {OTHER_KEY}"}, "/", OTHER_KEY),
        ({}, "/", KEY),
        ({}, f"/?api_key={OTHER_KEY}", KEY),
    ],
)
async def test_a_request_without_a_key_may_count_on_another(
    headers: dict[str, str], path: str, key: str
) -> None:
    way = replace(WAY, key_header="API-KEY", fallback_key=KEY)

    async with served_intake(way) as (served, client):
        status, _ = await told(client, "POST", path, data=form(picture=IMAGE), headers=headers)

    assert (status, served.taken.key_ids) == (200, [key_id(key)])


@pytest.mark.parametrize(
    ("fallback_key", "headers", "code"),
    [
        (None, {}, "missing_api_key"),
        ("wrong", {}, "invalid_api_key"),
        (KEY, {"API-KEY": "wrong"}, "invalid_api_key"),
    ],
)
async def test_a_wrong_key_is_refused_wherever_it_comes_from(
    fallback_key: str | None, headers: dict[str, str], code: str
) -> None:
    way = replace(WAY, key_header="API-KEY", fallback_key=fallback_key)

    async with served_intake(way) as (_, client):
        path = f"/?api_key={KEY}"
        status, error = await told(client, "POST", path, data=form(picture=b"x"), headers=headers)

    assert (status, error["code"]) == (401, code)
