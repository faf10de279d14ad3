from pathlib import Path

import pytest

from gateway.accounts.keys import generate_key
from gateway.accounts.keys_file import KeysFile
from gateway.settings import KeysSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway, image_form


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-api-key", "{key}"),
        ("X-API-KEY", " {key} "),
        ("Authorization", "Bearer {key}"),
        ("Authorization", "bEARER  {key}"),
        ("Authorization", "Token {key}"),
        ("Authorization", "Api-Key {key}"),
    ],
)
async def test_each_form_of_header_is_accepted(
    gateway: ServedGateway, header: str, value: str
) -> None:
    headers = {header: value.format(key=gateway.key)}

    reply = await gateway.ask("POST", "/v2", data=image_form(), headers=headers)

    assert reply.status == 200


async def test_a_key_in_the_query_is_accepted(gateway: ServedGateway) -> None:
    reply = await gateway.ask("POST", f"/v2?api_key={gateway.key}", data=image_form())

    assert reply.status == 200


async def test_a_key_in_the_query_is_no_key_where_that_is_switched_off(
    serve_gateway: ServeGateway, tmp_path: Path
) -> None:
    keys = KeysFile(tmp_path / "keys.json")
    keys.replace_labelled("other")
    gateway = await serve_gateway(keys=KeysSettings(file=tmp_path / "keys.json", query=False))

    reply = await gateway.ask("POST", f"/v2?api_key={gateway.key}", data=image_form())

    assert (reply.status, reply.error()["code"]) == (401, "missing_api_key")


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-api-key": ""}, {"Authorization": "Basic dXNlcjpwYXNz"}, {"Authorization": "Bearer"}],
)
async def test_no_key_is_401_missing_api_key(
    gateway: ServedGateway, segmenter: FakeSegmenter, headers: dict[str, str]
) -> None:
    reply = await gateway.ask("POST", "/v2", data=image_form(), headers=headers)

    error = reply.error()
    assert (reply.status, error["code"]) == (401, "missing_api_key")
    assert error["message"] == "Missing API key."
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="mattebox"'
    assert segmenter.calls == []


@pytest.mark.parametrize("key", ["nonsense", "mb_live_x", generate_key("live"), "\u00e9", "a b"])
async def test_a_key_that_is_not_ours_is_401_invalid_api_key(
    gateway: ServedGateway, segmenter: FakeSegmenter, key: str
) -> None:
    headers = {"x-api-key": key}

    reply = await gateway.ask("POST", "/v2", data=image_form(), headers=headers)

    error = reply.error()
    assert (reply.status, error["code"]) == (401, "invalid_api_key")
    assert error["message"] == "Invalid or revoked API key."
    assert "invalid_token" in reply.headers["WWW-Authenticate"]
    assert segmenter.calls == []


async def test_the_header_wins_over_the_query(gateway: ServedGateway) -> None:
    path = f"/v2?api_key={gateway.key}"
    headers = {"x-api-key": generate_key("live")}

    refused = await gateway.ask("POST", path, data=image_form(), headers=headers)
    served = await gateway.ask(
        "POST", "/v2?api_key=nonsense", data=image_form(), headers={"x-api-key": gateway.key}
    )

    assert (refused.status, served.status) == (401, 200)


async def test_a_revoked_key_is_refused_and_a_new_one_served_at_once(
    gateway: ServedGateway, tmp_path: Path
) -> None:
    new_key = KeysFile(tmp_path / "keys.json").replace_labelled("test")

    refused = await gateway.post(image_form())
    served = await gateway.ask("POST", "/v2", data=image_form(), headers={"x-api-key": new_key})

    assert (refused.status, served.status) == (401, 200)


async def test_a_keys_file_damaged_while_running_leaves_the_last_good_keys_and_a_log_line(
    gateway: ServedGateway, tmp_path: Path
) -> None:
    (tmp_path / "keys.json").write_text("{ damaged")

    replies = [await gateway.post(image_form()) for _ in range(2)]

    assert [reply.status for reply in replies] == [200, 200]
    (line,) = [line for line in gateway.log_lines() if line["event"] == "keys_kept"]
    assert "keys.json is no keys file" in line["detail"]


async def test_the_key_is_asked_for_before_the_body_is_read(gateway: ServedGateway) -> None:
    head = b"POST /v2 HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1000000\r\n\r\n"

    reply = await gateway.exchange(head)

    assert (reply.status, reply.headers["Connection"]) == (401, "close")
    reply.error()
