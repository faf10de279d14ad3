"""Nothing of what callers send stays: not in the log, not in the metrics, not on the disk."""

from typing import Any

import pytest
from PIL import Image

from tests.contract.client import Client, Reply, base64_of, poll
from tests.contract.conftest import StartedService
from tests.contract.pictures import encoded, listing, photo

pytestmark = pytest.mark.e2e

CANARY = "cAnArYbIrD"


@pytest.fixture(scope="module")
def telltale() -> bytes:
    """A JPEG that says the word in its EXIF data and in a comment."""
    exif = Image.Exif()
    for tag in (0x010E, 0x013B, 0x8298):
        exif[tag] = f"{CANARY}-in-exif"
    return encoded(photo(), "JPEG", exif=exif, comment=f"{CANARY}-in-comment".encode())


@pytest.fixture(scope="module")
def replies(service: Client, own_service: StartedService, telltale: bytes) -> list[Reply]:
    """The answers to requests that say the word wherever one can be said."""
    headers = {
        "User-Agent": CANARY,
        "Referer": f"http://{CANARY}.example.org/",
        "Cookie": f"session={CANARY}",
        "X-Forwarded-For": CANARY,
        "X-Api-Version": CANARY,
        "Accept-Language": CANARY,
    }
    host = own_service.host
    host.pages[f"/{CANARY}.jpg"] = telltale
    url = f"{host.url}/{CANARY}.jpg?token={CANARY}"
    text = base64_of(telltale)
    files = {"image_file": (f"{CANARY}.jpg", telltale, f"image/jpeg; name={CANARY}")}
    said = [
        service.ask("POST", files=files, data={"note": CANARY}, headers=headers),
        service.post_form({"image_url": url, "note": CANARY}, headers=headers),
        service.post_json({"image_base64": text, "note": {"deep": [CANARY]}}, headers=headers),
        service.post_urlencoded({"image_file_b64": text, "note": CANARY}, headers=headers),
        service.post_raw(telltale, "image/jpeg", {"note": CANARY}, headers=headers),
        # And to requests that fail, each in its place.
        service.post_file(telltale, {"format": CANARY}, headers=headers),
        service.post_file(telltale, {"bg_color": CANARY}, headers=headers),
        service.post_file(CANARY.encode(), headers=headers),
        service.post_json({"image_base64": f"!{CANARY}"}, headers=headers),
        service.post_form({"image_url": f"ftp://{CANARY}"}, headers=headers),
        service.post_form({"image_url": f"{host.url}/missing/{CANARY}"}, headers=headers),
        service.post_raw(f"{{{CANARY}".encode(), "application/json", headers=headers),
        service.post_raw(CANARY.encode(), f"text/{CANARY}", headers=headers),
        service.account(key=CANARY, headers=headers),
        service.account(key=None, params={"api_key": CANARY}, headers=headers),
        service.get(f"/{CANARY}", headers=headers),
        service.account(headers={**headers, "X-Request-Id": f"{CANARY} with a space"}),
    ]
    assert [reply.status for reply in said[:5]] == [200] * 5
    return said


def logged(own_service: StartedService, replies: list[Reply]) -> str:
    """The log of all services, once it has a line of each request."""

    def read() -> str:
        return own_service.running.log.read_text(errors="replace")

    return poll(read, lambda log: all(reply.request_id in log for reply in replies))


def test_the_log_names_requests_and_says_nothing_of_their_content(
    own_service: StartedService, service: Client, replies: list[Reply]
) -> None:
    log = logged(own_service, replies)
    assert CANARY.lower() not in log.lower()
    assert service.key not in log
    assert service.key.rpartition("_")[2] not in log
    fingerprint = service.account().content["api_key"]["fingerprint"]
    assert fingerprint in log


def test_a_key_in_query_or_json_never_reaches_the_log(
    own_service: StartedService, service: Client, telltale: bytes
) -> None:
    in_query = service.account(key=None, params={"api_key": service.key})
    members = {"api_key": service.key, "image_base64": base64_of(telltale)}
    in_json = service.post_json(members, key=None)
    assert (in_query.status, in_json.status) == (200, 200)
    assert service.key.rpartition("_")[2] not in logged(own_service, [in_query, in_json])


def test_no_pixel_reaches_the_log(
    own_service: StartedService, replies: list[Reply], telltale: bytes
) -> None:
    log = logged(own_service, replies)
    assert base64_of(telltale)[200:232] not in log
    assert telltale[2000:2016].hex() not in log


def test_answers_say_nothing_of_what_was_sent(replies: list[Reply]) -> None:
    for reply in replies:
        told = reply.body + str(reply.headers).encode()
        assert CANARY.lower().encode() not in told.lower()


def test_metrics_say_nothing_of_what_was_sent(
    replies: list[Reply], facts: dict[str, Any], service: Client
) -> None:
    assert replies
    for page in (facts["metrics"], facts["segmenter_metrics"]):
        told = Client(page, "").get("", key=None).body.decode()
        assert "mattebox" in told
        assert CANARY.lower() not in told.lower()
        assert service.key not in told


def test_nothing_is_written_to_the_disk(
    own_service: StartedService, service: Client, telltale: bytes
) -> None:
    assert service.post_file(telltale).status == 200
    before = set(listing(*own_service.folders))
    host = own_service.host
    host.pages["/kept.jpg"] = telltale
    sent = [
        service.post_file(telltale),
        service.post_file(encoded(photo("coffee", 2000, 1500), "TIFF")),
        service.post_form({"image_url": f"{host.url}/kept.jpg", "format": "webp"}),
        service.post_json({"image_base64": base64_of(telltale)}),
        service.post_file(telltale + bytes(30 * 2**20 - len(telltale))),
        service.post_file(telltale[:1000]),
    ]
    assert [reply.status for reply in sent] == [200, 200, 200, 200, 200, 400]
    assert set(listing(*own_service.folders)) == before


def test_what_is_on_the_disk_holds_nothing_of_callers(
    own_service: StartedService, replies: list[Reply], telltale: bytes
) -> None:
    assert replies
    for path in listing(*own_service.folders):
        data = path.read_bytes()
        assert CANARY.lower().encode() not in data.lower(), path
        assert telltale[2000:2032] not in data, path
