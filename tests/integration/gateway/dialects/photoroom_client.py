"""What Photoroom's callers send, and how they read the answers."""

import io
from collections.abc import Mapping
from typing import Any

from tests.integration.gateway.served_gateway import (
    NO_HEADERS,
    Reply,
    ServedGateway,
)

SEGMENT = "/v1/segment"
ACCOUNT = "/v1/account"
FORM = {"Content-Type": "multipart/form-data; boundary=b"}
JSON = {"Content-Type": "application/json"}
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
IMAGE = b"\xfb\xef\xbe an image"


async def post(
    gateway: ServedGateway, body: Any, headers: Mapping[str, str] = NO_HEADERS, path: str = SEGMENT
) -> Reply:
    """Posts a body with the key; bytes go without the type that the client would give them."""
    data = io.BytesIO(body) if isinstance(body, bytes) and body else body
    return await gateway.ask("POST", path, data=data, headers={"x-api-key": gateway.key, **headers})


async def get(
    gateway: ServedGateway, path: str = ACCOUNT, headers: Mapping[str, str] = NO_HEADERS
) -> Reply:
    return await gateway.ask("GET", path, headers={"x-api-key": gateway.key, **headers})


def failure(reply: Reply) -> tuple[int, str, str]:
    """Status, type and detail of an error, after checking that it is one of this dialect's."""
    content = reply.json()
    assert set(content) - {"error"} == {"detail", "status_code", "type"}
    assert content["status_code"] == reply.status
    assert content["detail"]
    assert reply.headers["Content-Type"].startswith("application/json")
    return reply.status, content["type"], content["detail"]


def account_failure(reply: Reply) -> tuple[int, str]:
    """Status and message of an error in the shape of account calls."""
    message = reply.json()["error"]["message"]
    assert reply.json() == {"error": {"message": message}}
    return reply.status, message
