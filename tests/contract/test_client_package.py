"""`mattebox.client` against the running service: the same answers and errors over both wires."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from PIL import Image

from mattebox.client import (
    ApiError,
    AsyncClient,
    Client,
    CutOut,
    ImageUrlFetchFailedError,
    InvalidApiKeyError,
    MissingApiKeyError,
    MissingImageError,
    NotFoundError,
    Options,
)
from mattebox.client.grpc import AsyncSegmenter, Segmenter
from tests.contract.client import Client as ContractClient
from tests.contract.client import opened
from tests.contract.picture_host import PictureHost
from tests.contract.pictures import png_that_claims

pytestmark = pytest.mark.e2e

Remove = Callable[..., CutOut]

OPTIONS = [
    Options(),
    Options(format="jpg"),
    Options(format="webp"),
    Options(format="tif", size="preview", crop=True),
    Options(format="webp", channels="alpha"),
    Options(format="gif", bg_color="#08f"),
    Options(format="bmp", bg_color="hsl(0.5turn 100% 25% / 50%)", crop=True),
    Options(bg_color="transparent", despill=True),
    Options(bg_color="RebeccaPurple"),
]
BROKEN: list[tuple[bytes, dict[str, Any]]] = [
    (b"no image", {}),
    (b"8BPS" + bytes(100), {}),
    (png_that_claims(20_000, 20_000), {}),
    (png_that_claims(20_000, 100), {"format": "webp"}),
    (bytes(30 * 2**20 + 1), {}),
    (b"no image", {"bg_color": "nope"}),
    (b"no image", {"size": "huge", "bg_color": "nope"}),
]


@pytest.fixture(scope="module")
def wires(service: ContractClient, facts: dict[str, Any]) -> Iterator[dict[str, Remove]]:
    """`remove` of each of the four clients."""
    with ExitStack() as stack:
        client = stack.enter_context(Client(service.url, service.key))
        segmenter = stack.enter_context(Segmenter(facts["grpc"]))

        async def by_http(*values: Any, **options: Any) -> CutOut:
            async with AsyncClient(service.url, service.key) as asynchronous:
                return await asynchronous.remove(*values, **options)

        async def by_grpc(*values: Any, **options: Any) -> CutOut:
            async with AsyncSegmenter(facts["grpc"]) as asynchronous:
                return await asynchronous.remove(*values, **options)

        yield {
            "http": client.remove,
            "grpc": segmenter.remove,
            "async http": lambda *values, **options: asyncio.run(by_http(*values, **options)),
            "async grpc": lambda *values, **options: asyncio.run(by_grpc(*values, **options)),
        }


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_every_wire_gives_the_same_picture(
    wires: dict[str, Remove], cup: bytes, options: Options
) -> None:
    made = {name: remove(cup, options) for name, remove in wires.items()}

    first = made["http"]
    image = opened(first.image)
    assert (first.width_px, first.height_px) == image.size
    assert Image.MIME[image.format or ""] == first.media_type
    for cut_out in made.values():
        assert cut_out.request_id.startswith("req_")
        assert list(cut_out.timings_ms) == list(first.timings_ms)
        assert "total" in cut_out.timings_ms
        same = dataclasses.replace(
            cut_out, request_id=first.request_id, timings_ms=first.timings_ms
        )
        assert same == first


@pytest.mark.parametrize(("image", "values"), BROKEN, ids=range(len(BROKEN)))
def test_every_wire_fails_alike(
    wires: dict[str, Remove], image: bytes, values: dict[str, Any]
) -> None:
    told = []
    for remove in wires.values():
        with pytest.raises(ApiError) as raised:
            remove(image, **values)
        error = raised.value
        told.append((type(error), error.code, error.status, error.message, error.details))

    assert told == [told[0]] * 4
    assert told[0][0] is not ApiError


def test_an_empty_image_is_none(wires: dict[str, Remove]) -> None:
    for remove in wires.values():
        with pytest.raises(MissingImageError):
            remove(b"")


def test_no_subject_is_no_error(wires: dict[str, Remove], grey: bytes) -> None:
    for remove in wires.values():
        assert not remove(grey).foreground_found


def test_an_image_may_be_named_by_its_url(service: ContractClient, host: PictureHost) -> None:
    with Client(service.url, service.key) as client:
        by_url = client.remove_url(f"{host.url}/photo.jpg", channels="alpha")
        with pytest.raises(ImageUrlFetchFailedError):
            client.remove_url(f"{host.url}/no-picture.html.missing")

    assert opened(by_url.image, "PNG").mode == "L"


def test_the_service_tells_of_its_key_and_health(service: ContractClient) -> None:
    with Client(service.url, service.key) as client:
        account, told = client.account(), service.account().content
        assert client.healthy()

    assert (account.email, account.plan) == (told["account"]["email"], told["account"]["plan"])
    assert account.fingerprint == told["api_key"]["fingerprint"]
    assert account.period == told["usage"]["period"]


@pytest.mark.parametrize(
    ("path", "key", "kind"),
    [
        ("", None, MissingApiKeyError),
        ("", "mb_live_wrong_secret", InvalidApiKeyError),
        ("/nowhere", None, NotFoundError),
    ],
)
def test_what_is_wrong_with_a_client_is_said_also_after_a_large_image(
    service: ContractClient, path: str, key: str | None, kind: type[ApiError]
) -> None:
    with Client(service.url + path, key) as client:
        for image in (b"small", bytes(29 * 2**20)):
            with pytest.raises(kind) as raised:
                client.remove(image)
            assert raised.value.request_id.startswith("req_")


async def test_many_images_come_back_over_one_stream(
    facts: dict[str, Any], cup: bytes, grey: bytes
) -> None:
    images = [("cup", cup), ("grey", grey), ("broken", b"no image"), *[("cup again", cup)] * 4]

    async def each() -> Any:
        for image in images:
            yield image

    async with AsyncSegmenter(facts["grpc"]) as segmenter:
        outcomes = [outcome async for outcome in segmenter.remove_many(each(), channels="alpha")]
    with Segmenter(facts["grpc"]) as blocking:
        blocked = list(blocking.remove_many(images, channels="alpha"))

    assert sorted(name for name, _ in outcomes) == sorted(name for name, _ in images)
    pictures = {name: each.image for name, each in outcomes if isinstance(each, CutOut)}
    assert pictures == {name: each.image for name, each in blocked if isinstance(each, CutOut)}
    assert pictures["cup"] == pictures["cup again"] != pictures["grey"]
    assert [each.code for _, each in outcomes if isinstance(each, ApiError)] == ["invalid_image"]
