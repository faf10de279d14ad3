"""The pipeline of the guide takes photos out of a bucket and puts cut-outs into it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.contract.client import Client, opened
from tests.contract.guides.bucket import Bucket, Sign, bucket
from tests.contract.guides.programs import Programs, blocks
from tests.contract.other_gateway import other_gateway

pytestmark = pytest.mark.e2e

PAGE = "object-storage"
# The example of Amazon's own documentation of presigned URLs.
KEY = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": "us-east-1",
}
EXAMPLE = "https://examplebucket.s3.amazonaws.com/test.txt"
EXAMPLE_TIME = datetime(2013, 5, 24, tzinfo=UTC)
EXAMPLE_SIGNATURE = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


@pytest.fixture
def sign(monkeypatch: pytest.MonkeyPatch) -> Sign:
    """The page's own function, held to Amazon's example."""
    for name, value in KEY.items():
        monkeypatch.setenv(name, value)
    module: dict[str, Any] = {}
    exec(blocks(PAGE)["presigned.py"], module)  # noqa: S102 - the page's program
    made: Sign = module["presigned"]
    return made


@pytest.fixture
def store(sign: Sign) -> Iterator[Bucket]:
    with bucket(sign) as store:
        store.objects["/photos/cup.jpg"] = (ROOT / "tests" / "data" / "coffee.jpg").read_bytes()
        store.objects["/photos/text.jpg"] = b"no picture"
        yield store


@pytest.fixture
def gateway(store: Bucket, state_dir: Path, facts: dict[str, Any]) -> Iterator[Client]:
    """One that may fetch from the bucket, by the settings that the page names."""
    settings = {"FETCH_ALLOW": "127.0.0.1", "FETCH_PORTS": f"80,443,{store.port}"}
    with other_gateway(state_dir, facts["grpc"], facts["api_key"], settings) as gateway:
        yield gateway.client


def test_urls_are_signed_as_amazon_signs_them(sign: Sign) -> None:
    url = sign("GET", EXAMPLE, 86400, EXAMPLE_TIME)
    assert url.endswith(f"&X-Amz-Signature={EXAMPLE_SIGNATURE}")


def test_photos_become_cut_outs_without_passing_through_the_program(
    store: Bucket, gateway: Client, tmp_path: Path
) -> None:
    programs = Programs.of(PAGE, tmp_path, gateway, KEY)
    told = programs.said("pipeline.py", store.url, "cup.jpg", "text.jpg", "gone.jpg").splitlines()

    made = store.objects["/cut-outs/cup.jpg.webp"]
    assert opened(made, "WEBP").size == (600, 400)
    assert store.types["/cut-outs/cup.jpg.webp"] == "image/webp"
    assert told[0] == f"cup.jpg: 600 x 400, {len(made)} bytes"
    assert told[1].startswith("text.jpg: invalid_image req_")
    assert told[2].startswith("gone.jpg: image_url_fetch_failed req_")
    # The photo was fetched once, by Mattebox; nothing else was put.
    assert store.served.count(("GET", "/photos/cup.jpg")) == 1
    assert [path for method, path in store.served if method == "PUT"] == ["/cut-outs/cup.jpg.webp"]
    assert store.refused == 0


def test_a_wrong_secret_is_told_and_puts_nothing(
    store: Bucket, gateway: Client, tmp_path: Path
) -> None:
    programs = Programs.of(PAGE, tmp_path, gateway, KEY | {"AWS_SECRET_ACCESS_KEY": "wrong"})
    told = programs.said("pipeline.py", store.url, "cup.jpg")
    assert told.startswith("cup.jpg: image_url_fetch_failed req_")
    assert store.served == []
    assert store.refused == 1


def test_a_gateway_that_may_not_fetch_there_refuses(
    store: Bucket, service: Client, tmp_path: Path
) -> None:
    told = Programs.of(PAGE, tmp_path, service, KEY).said("pipeline.py", store.url, "cup.jpg")
    assert told.startswith("cup.jpg: invalid_image_url req_")
    assert store.served == []
