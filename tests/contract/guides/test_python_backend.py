"""The backend of the guide hands photos on, and says to its callers what concerns them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contract.client import Client
from tests.contract.guides.programs import Programs

pytestmark = pytest.mark.e2e

PAGE, PROGRAM = "python-backend", "shop.py"


@pytest.fixture(scope="module")
def shop(service: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    programs = Programs.of(PAGE, tmp_path_factory.mktemp("shop"), service)
    with programs.serving(PROGRAM) as client:
        yield client


def test_a_photo_comes_back_as_its_cut_out(shop: Client, service: Client) -> None:
    photo = (ROOT / "tests" / "data" / "coffee.jpg").read_bytes()
    made = shop.ask("POST", "/cut-outs", key=None, data=photo)

    wanted = service.post_file(photo, {"format": "webp", "size": "medium", "crop": "true"})
    assert made.headers["Content-Type"] == "image/webp"
    assert made.image("WEBP").mode == "RGBA"
    assert made.body == wanted.body


def test_of_what_the_caller_sent_the_caller_is_told(shop: Client) -> None:
    refused = shop.ask("POST", "/cut-outs", key=None, data=b"no picture")
    assert refused.status == 400
    assert "no image" in refused.content["error"]


def test_a_photo_without_a_product_is_said_to_be_one(shop: Client, grey: bytes) -> None:
    refused = shop.ask("POST", "/cut-outs", key=None, data=grey)
    assert refused.status == 422
    assert refused.content == {"error": "There is no product on this photo."}


def test_what_is_too_large_goes_no_further(shop: Client) -> None:
    refused = shop.ask("POST", "/cut-outs", key=None, data=bytes(30 * 2**20 + 1))
    assert refused.status == 413


def test_a_key_that_is_wrong_is_not_the_callers_fault(
    service: Client, tmp_path: Path, cup: bytes
) -> None:
    programs = Programs.of(PAGE, tmp_path, Client(service.url, "mb_live_wrong"))
    with programs.serving(PROGRAM) as client:
        refused = client.ask("POST", "/cut-outs", key=None, data=cup)
    assert refused.status == 503
    assert b"key" not in refused.body
    assert "invalid_api_key" in (tmp_path / "log").read_text()


def test_a_service_that_is_away_is_not_the_callers_fault(
    tmp_path: Path, cup: bytes, closed_url: str
) -> None:
    programs = Programs.of(PAGE, tmp_path, Client(closed_url, "mb_live_any"))
    with programs.serving(PROGRAM) as client:
        assert client.ask("POST", "/cut-outs", key=None, data=cup).status == 503
