"""What `GET /v2/account` tells, and what is counted."""

import re
import socket
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.contract.client import Client, poll
from tests.contract.commands import Commands, IssuedKey
from tests.contract.pictures import HEIGHT_PX, WIDTH_PX, encoded, photo

pytestmark = pytest.mark.e2e

MEGAPIXELS = WIDTH_PX * HEIGHT_PX / 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """What was counted, as it is told."""

    images: int
    megapixels: float


@pytest.fixture(scope="module")
def counted_key(commands: Commands) -> IssuedKey:
    """A key of an account of its own."""
    return commands.create_key(commands.create_account())


def usage(service: Client, issued: IssuedKey) -> Usage:
    told = service.account(key=issued.key).content["usage"]
    return Usage(told["images"], told["megapixels"])


def usage_beyond(service: Client, issued: IssuedKey, before: Usage, images: int) -> Usage:
    """Waits for so many further images to be counted; returns what was counted since."""
    now = poll(
        lambda: usage(service, issued), lambda counted: counted.images >= before.images + images
    )
    return Usage(now.images - before.images, now.megapixels - before.megapixels)


def test_it_tells_that_the_key_is_valid_and_safe_facts(service: Client, commands: Commands) -> None:
    new_key = commands.create_key(commands.create_account())
    months = {f"{datetime.now(UTC):%Y-%m}"}
    reply = service.account(key=new_key.key)
    months.add(f"{datetime.now(UTC):%Y-%m}")
    content = reply.content
    assert reply.status == 200
    assert set(content) == {"status", "api_key", "account", "usage"}
    assert content["status"] == "ok"
    fingerprint = content["api_key"].pop("fingerprint")
    assert re.fullmatch(r"tok_fp_[0-9a-f]+", fingerprint)
    assert content["api_key"] == {"valid": True, "mode": "live"}
    assert content["account"].pop("plan")
    assert content["account"] == {
        "email": new_key.email,
        "subscription_status": "active",
        "billing_model": "metered_monthly",
        "usage_unit": "image",
    }
    assert content["usage"].pop("period") in months
    assert content["usage"] == {"images": 0, "megapixels": 0}


def test_it_never_tells_the_key_record(service: Client, counted_key: IssuedKey) -> None:
    told = service.account(key=counted_key.key).body.decode()
    assert counted_key.key not in told
    assert counted_key.key.rpartition("_")[2] not in told
    # No hash of it either: nothing is longer than the fingerprint's own digits.
    assert not re.search(r"[0-9a-f]{32}", told)


def test_it_is_not_stored_anywhere(service: Client) -> None:
    assert service.account().headers["Cache-Control"] == "no-store"


def test_without_a_key_it_tells_nothing(service: Client) -> None:
    assert service.account(key=None).refusal == (401, "missing_api_key")


def test_delivered_images_and_their_megapixels_are_counted(
    service: Client, counted_key: IssuedKey, cup: bytes
) -> None:
    before = usage(service, counted_key)
    for fields in ({}, {"channels": "alpha"}, {"format": "jpg"}):
        assert service.post_file(cup, fields, key=counted_key.key).status == 200
    counted = usage_beyond(service, counted_key, before, 3)
    assert counted.images == 3
    assert counted.megapixels == pytest.approx(3 * MEGAPIXELS, abs=0.002)


def test_a_picture_in_which_nothing_was_found_counts_too(
    service: Client, counted_key: IssuedKey, grey: bytes
) -> None:
    before = usage(service, counted_key)
    reply = service.post_file(grey, key=counted_key.key)
    assert reply.headers["X-Foreground-Found"] == "false"
    assert usage_beyond(service, counted_key, before, 1).images == 1


def test_the_keys_of_an_account_count_together(
    service: Client, commands: Commands, counted_key: IssuedKey, cup: bytes
) -> None:
    second, before = commands.create_key(counted_key.email), usage(service, counted_key)
    assert service.post_file(cup, key=counted_key.key).status == 200
    assert service.post_file(cup, key=second.key).status == 200
    assert usage_beyond(service, second, before, 2).images == 2
    assert usage(service, second) == usage(service, counted_key)


def test_a_refused_request_is_not_metered(
    service: Client, counted_key: IssuedKey, cup: bytes
) -> None:
    before, key = usage(service, counted_key), counted_key.key
    refusals = [
        service.post_file(b"no image", key=key),
        service.post_file(cup[: len(cup) // 2], key=key),
        service.post_file(cup, {"format": "no"}, key=key),
        service.post_form({}, key=key),
    ]
    assert [reply.status for reply in refusals] == [400, 400, 400, 400]
    assert service.post_file(cup, key=key).status == 200
    assert usage_beyond(service, counted_key, before, 1).images == 1


def test_an_answer_that_was_not_delivered_is_not_metered(
    service: Client, counted_key: IssuedKey, cup: bytes
) -> None:
    before = usage(service, counted_key)
    # A picture that takes long enough to be left, whose answer nobody takes.
    large = encoded(photo("rocket", 2400, 1600), "JPEG")
    leave_at_once(service, counted_key.key, large)
    # Once the same picture has been finished for somebody else, that one would be counted too.
    assert service.post_file(large).status == 200
    assert service.post_file(cup, key=counted_key.key).status == 200
    counted = usage_beyond(service, counted_key, before, 1)
    assert counted.images == 1
    assert counted.megapixels == pytest.approx(MEGAPIXELS, abs=0.002)


def test_what_one_gateway_has_counted_the_others_tell(
    service: Client, closed_gateway: Client, counted_key: IssuedKey, cup: bytes
) -> None:
    before = usage(service, counted_key)
    assert service.post_file(cup, key=counted_key.key).status == 200
    assert usage_beyond(closed_gateway, counted_key, before, 1).images == 1
    assert usage(closed_gateway, counted_key) == usage(service, counted_key)


def leave_at_once(service: Client, key: str, image: bytes) -> None:
    """Sends a whole request and closes the connection behind it."""
    address = service.url.removeprefix("http://").rsplit(":", 1)
    head = (
        f"POST /v2 HTTP/1.1\r\nHost: service\r\nx-api-key: {key}\r\n"
        f"Content-Type: image/jpeg\r\nContent-Length: {len(image)}\r\n\r\n"
    )
    with socket.create_connection((address[0], int(address[1]))) as connection:
        connection.sendall(head.encode() + image)
