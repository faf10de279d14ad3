"""What is answered where, and by which methods."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.contract.client import Client, Reply, poll
from tests.contract.other_gateway import other_gateway
from tests.contract.pictures import HEIGHT_PX, WIDTH_PX

pytestmark = pytest.mark.e2e

HEALTH = ["/v2/health", "/health", "/"]
PROBES = ["/v2/health/live", "/v2/health/ready"]
PAGES = ["/openapi.json", "/docs"]
WITHOUT_KEY = [*HEALTH, *PROBES, *PAGES]
WITH_GET = [*WITHOUT_KEY, "/v2/account"]


def test_the_image_comes_back_finished(service: Client, cup: bytes) -> None:
    reply = service.post_file(cup)
    assert reply.status == 200
    assert reply.image("PNG").size == (WIDTH_PX, HEIGHT_PX)


@pytest.mark.parametrize("path", [*HEALTH, *PROBES])
def test_health_is_told_without_a_key(service: Client, path: str) -> None:
    reply = service.get(path, key=None)
    assert (reply.status, reply.content["status"]) == (200, "ok")


@pytest.mark.parametrize("path", HEALTH)
def test_health_is_503_unavailable_while_nothing_can_be_served(
    lonely_gateway: Client, path: str
) -> None:
    reply = poll(lambda: lonely_gateway.get(path, key=None), lambda reply: reply.status == 503)
    assert reply.content["status"] == "unavailable"


@pytest.mark.parametrize("path", PROBES)
def test_probes_of_the_gateway_do_not_depend_on_the_segmenter(
    lonely_gateway: Client, path: str
) -> None:
    reply = lonely_gateway.get(path, key=None)
    assert (reply.status, reply.content["status"]) == (200, "ok")


def test_readiness_fails_from_the_start_of_a_shutdown_and_liveness_does_not(
    state_dir: Path, facts: dict[str, Any]
) -> None:
    settings = {"HTTP_DRAIN_DELAY_S": 3}
    with other_gateway(state_dir, facts["grpc"], facts["api_key"], settings) as gateway:

        def asked(path: str) -> Reply:
            return gateway.client.get(path, key=None)

        assert asked("/v2/health/ready").status == 200
        gateway.process.terminate()
        ready = poll(lambda: asked("/v2/health/ready"), lambda reply: reply.status != 200)
        assert (ready.status, ready.content["status"]) == (503, "unavailable")
        assert asked("/v2/health/live").status == 200


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_the_root_tells_the_health_to_programs(service: Client, accept: str) -> None:
    reply = service.get("/", key=None, headers={"Accept": accept})
    assert reply.content["status"] == "ok"


def test_the_root_is_the_playground_for_browsers(service: Client) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    reply = service.get("/", key=None, headers={"Accept": accept})
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")


def test_the_description_is_valid_openapi_and_names_every_path(service: Client) -> None:
    reply = service.get("/openapi.json", key=None)
    description = reply.content
    assert reply.status == 200
    assert re.fullmatch(r"3\.1\.\d+", description["openapi"])
    OpenAPIV31SpecValidator(description).validate()
    wanted = {"/v2", "/v2/account", "/v2/health", "/v2/health/live", "/v2/health/ready", "/health"}
    assert wanted <= set(description["paths"])


def test_the_description_names_every_error_that_a_caller_can_get(service: Client) -> None:
    described = service.get("/openapi.json", key=None).content
    answers: dict[str, Any] = described["paths"]["/v2"]["post"]["responses"]
    assert {"200", "400", "401", "403", "408", "413", "415", "429", "503", "504"} <= set(answers)


def test_the_description_can_be_read_as_a_page(service: Client) -> None:
    reply = service.get("/docs", key=None)
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")
    assert b"/v2/account" in reply.body


@pytest.mark.parametrize("path", WITH_GET)
def test_head_works_where_get_does(service: Client, path: str) -> None:
    by_get, by_head = service.get(path), service.ask("HEAD", path)
    assert by_head.status == by_get.status == 200
    assert by_head.headers["Content-Type"] == by_get.headers["Content-Type"]
    assert by_head.body == b""


def test_head_without_a_key_is_refused_as_get_is(service: Client) -> None:
    reply = service.ask("HEAD", "/v2/account", key=None)
    assert (reply.status, reply.body) == (401, b"")


@pytest.mark.parametrize("path", [path for path in WITH_GET if path != "/"])
def test_a_trailing_slash_is_accepted(service: Client, path: str) -> None:
    assert service.get(f"{path}/").status == 200


def test_a_trailing_slash_is_accepted_behind_an_upload(service: Client, cup: bytes) -> None:
    files = {"image_file": io.BytesIO(cup)}
    assert service.ask("POST", "/v2/", files=files).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/v2/account", "/v2/health", "/openapi.json", "/"])
def test_another_method_than_get_is_405(service: Client, path: str, method: str) -> None:
    reply = service.ask(method, path)
    assert reply.refusal == (405, "method_not_allowed")
    assert _allowed(reply.headers["Allow"]) == {"GET", "HEAD"}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_than_post_is_405(service: Client, method: str) -> None:
    reply = service.ask(method, "/v2")
    assert reply.refusal == (405, "method_not_allowed")
    assert _allowed(reply.headers["Allow"]) == {"POST"}


def test_a_refused_head_request_has_no_body(service: Client) -> None:
    reply = service.ask("HEAD", "/v2")
    assert (reply.status, reply.body) == (405, b"")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/nothing", "/v2/nothing", "/v2/account/nothing", "/V2"])
def test_an_unknown_path_is_404(service: Client, path: str, method: str) -> None:
    assert service.ask(method, path, key=None).refusal == (404, "not_found")


def _allowed(header: str) -> set[str]:
    return {method.strip() for method in header.split(",")}
