"""Images that the gateway fetches: from where, and what it says where it cannot."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.client import Client, Reply
from tests.contract.conftest import StartedService
from tests.contract.picture_host import PictureHost, picture_host
from tests.contract.pictures import Pixels, encoded, photo

pytestmark = pytest.mark.e2e

FAILED = (400, "image_url_fetch_failed")
INVALID = (400, "invalid_image_url")
NOTHING_TOLD = "cannot download image_url"


def fetched(service: Client, url: str, **request: Any) -> Reply:
    return service.post_form({"image_url": url}, **request)


@pytest.mark.parametrize("name", ["image_url", "imageUrl"])
@pytest.mark.parametrize("way", ["post_form", "post_urlencoded", "post_json"])
def test_it_is_a_source_in_every_kind_of_body(
    service: Client, host: PictureHost, cup_rgba_u8: Pixels, way: str, name: str
) -> None:
    fields = {name: f"{host.url}/photo.jpg"}
    headers = {"Accept": "image/*"}
    reply: Reply = getattr(service, way)(fields, headers=headers)
    assert (reply.rgba_u8 == cup_rgba_u8).all()
    assert "X-Ignored-Fields" not in reply.headers


def test_options_hold_for_it_too(service: Client, host: PictureHost, cup_rgba_u8: Pixels) -> None:
    reply = service.post_form({"image_url": f"{host.url}/photo.jpg", "channels": "alpha"})
    assert (reply.mask_u8 == cup_rgba_u8[..., 3]).all()


def test_the_host_learns_nothing_of_the_caller(service: Client, host: PictureHost) -> None:
    headers = {"Cookie": "a=b", "Referer": "http://example.org", "User-Agent": "caller/1"}
    assert fetched(service, f"{host.url}/photo.jpg?who=1", headers=headers).status == 200
    (asked,) = [asked for asked in host.asked if asked.path.endswith("?who=1")]
    told = str(asked.headers).lower()
    assert service.key.lower() not in told
    for name in ("cookie", "referer", "authorization", "x-api-key", "x-forwarded-for"):
        assert name not in told
    assert "caller/1" not in told


@pytest.mark.parametrize("status", [201, 204, 206, 304, 401, 403, 404, 410, 429, 500, 503])
def test_a_status_other_than_200_is_no_image(
    service: Client, host: PictureHost, status: int
) -> None:
    reply = fetched(service, f"{host.url}/status/{status}")
    assert reply.refusal == FAILED
    # The status may be told of public hosts only, and none of those can be on this machine.
    assert reply.error["message"] in {NOTHING_TOLD, f"{NOTHING_TOLD} (HTTP {status})"}


def test_three_redirects_are_followed_and_no_more(
    service: Client, host: PictureHost, cup_rgba_u8: Pixels
) -> None:
    three = fetched(service, f"{host.url}/hops/3/photo.jpg")
    four = fetched(service, f"{host.url}/hops/4/photo.jpg")
    assert (three.rgba_u8 == cup_rgba_u8).all()
    assert four.refusal == FAILED


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/photo.jpg",
        "file:///etc/passwd",
        "gopher://127.0.0.1/photo.jpg",
        "data:image/png;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
        "/photo.jpg",
        "photo.jpg",
        "http://",
        "http:///photo.jpg",
        "http://127.0.0.1:22/photo.jpg",
        "http://127.0.0.1:65536/photo.jpg",
        "http://127.0.0.1:port/photo.jpg",
        "http://user:password@127.0.0.1/photo.jpg",
        "http://127.0.0.1/" + "a" * 2048,
    ],
)
def test_what_is_no_allowed_http_url_is_400_invalid_image_url(service: Client, url: str) -> None:
    assert fetched(service, url).refusal == INVALID


def test_a_redirect_to_what_is_no_allowed_url_fails(service: Client, host: PictureHost) -> None:
    for target in ("file:///etc/passwd", "ftp://127.0.0.1/photo.jpg", "http://127.0.0.1:22/"):
        assert fetched(service, f"{host.url}/to/{quote(target, safe='')}").refusal == FAILED


def test_refused_and_unreachable_addresses_read_the_same(
    service: Client, own_service: StartedService, host: PictureHost
) -> None:
    refused = [
        f"http://127.0.0.2:{host.port}/photo.jpg",
        f"http://[::1]:{host.port}/photo.jpg",
        f"http://[::ffff:127.0.0.2]:{host.port}/photo.jpg",
        f"http://0.0.0.0:{host.port}/photo.jpg",
        "http://169.254.169.254/latest/meta-data/",
        f"{host.url}/to/{quote(f'http://127.0.0.2:{host.port}/photo.jpg', safe='')}",
    ]
    unreachable = [
        f"http://127.0.0.1:{own_service.closed_port}/photo.jpg",
        f"{host.url}/to/{quote(f'http://127.0.0.1:{own_service.closed_port}/', safe='')}",
    ]
    for url in refused + unreachable:
        reply = fetched(service, url)
        assert reply.refusal == FAILED
        assert reply.error["message"] == NOTHING_TOLD
        assert reply.error["details"] == {}


def test_a_private_address_is_never_asked(service: Client, host: PictureHost, cup: bytes) -> None:
    # A server that would answer, on an allowed port of an address that is not allowed.
    with picture_host({"/photo.jpg": cup}, "127.0.0.2", host.port) as private:
        url = f"{private.url}/photo.jpg"
        replies = [
            fetched(service, url),
            fetched(service, f"{host.url}/to/{quote(url, safe='')}"),
        ]
        assert private.asked == []
    assert [reply.refusal for reply in replies] == [FAILED] * 2


def test_what_is_fetched_is_known_by_its_bytes(
    service: Client, host: PictureHost, cup_rgba_u8: Pixels
) -> None:
    # The host calls everything text/plain.
    assert (fetched(service, f"{host.url}/photo.jpg").rgba_u8 == cup_rgba_u8).all()
    assert fetched(service, f"{host.url}/no-picture.html").refusal == (400, "invalid_image")


def test_a_fetched_image_has_the_same_limit(service: Client, host: PictureHost) -> None:
    assert fetched(service, f"{host.url}/largest.jpg").status == 200
    reply = fetched(service, f"{host.url}/too-large.jpg")
    assert reply.refusal == (413, "image_too_large")
    assert reply.error["message"] == "image too large (>30 MB)."


def test_a_fetched_image_of_another_format_is_415(service: Client, host: PictureHost) -> None:
    host.pages["/photo.jp2"] = encoded(photo(), "JPEG2000")
    assert fetched(service, f"{host.url}/photo.jp2").refusal == (415, "unsupported_image_format")


def test_it_can_be_switched_off(closed_gateway: Client, host: PictureHost) -> None:
    before = len(host.asked)
    reply = fetched(closed_gateway, f"{host.url}/photo.jpg")
    assert reply.status == 400
    assert reply.error["code"] in {"invalid_image_url", "image_url_fetch_failed", "bad_request"}
    assert len(host.asked) == before
