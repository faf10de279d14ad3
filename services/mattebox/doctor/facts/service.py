"""What a running service answers: its health, a key, a small picture; and a segmenter's health."""

import json
import struct
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from mattebox.doctor.asked import RunningAsked

_TIMEOUT_S = 10.0
_CUT_OUT_TIMEOUT_S = 90.0
_SIDE_PX = 32
_LARGEST_ANSWER_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP; ``status`` is None where nothing did."""

    status: int | None
    body: bytes = b""
    failure: str = ""
    """Why nothing came: words without a full stop."""

    @property
    def error_code(self) -> str:
        """The code of an error of the contract; empty where it is none."""
        error = self.json.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        return code if isinstance(code, str) else ""

    @property
    def json(self) -> dict[str, Any]:
        """The object in the body; an empty one where there is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """None each where it was not asked."""

    url: str = ""
    grpc: str = ""
    health: Answer | None = None
    account: Answer | None = None
    cut_out: Answer | None = None
    segmenter: str | None = None
    """SERVING, another state of `grpc.health.v1`, or in small letters why there was no answer."""


def gather(asked: RunningAsked) -> ServiceFacts:
    """Asks what is named. The picture counts as one image of the key's usage."""
    url = (asked.url or "").rstrip("/")
    health = _sent(f"{url}/v2/health", _TIMEOUT_S) if url else None
    account, cut_out = None, None
    if health is not None and health.status is not None and asked.key:
        account = _sent(f"{url}/v2/account", _TIMEOUT_S, asked.key)
        if account.status == 200:
            cut_out = _sent(f"{url}/v2", _CUT_OUT_TIMEOUT_S, asked.key, small_picture())
    segmenter = _grpc_health(asked.grpc) if asked.grpc else None
    return ServiceFacts(url, asked.grpc or "", health, account, cut_out, segmenter)


def small_picture() -> bytes:
    """Makes a PNG of a light square on a dark ground, of nothing but the standard library."""
    inside = range(_SIDE_PX // 4, _SIDE_PX * 3 // 4)
    rows = [
        b"\0" + bytes(230 if x in inside and y in inside else 40 for x in range(_SIDE_PX))
        for y in range(_SIDE_PX)
    ]
    head = struct.pack(">IIBBBBB", _SIDE_PX, _SIDE_PX, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _sent(url: str, timeout_s: float, key: str = "", picture: bytes | None = None) -> Answer:
    if not url.startswith(("http://", "https://")):
        return Answer(None, failure="it does not begin with http:// or https://")
    headers = {"x-api-key": key} if key else {}
    if picture is not None:
        headers["Content-Type"] = "image/png"
    request = urllib.request.Request(url, picture, headers)  # noqa: S310 - the scheme is known
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
            return Answer(response.status, response.read(_LARGEST_ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(_LARGEST_ANSWER_BYTES))
    except urllib.error.URLError as error:
        reason = error.reason
        told = reason.strerror if isinstance(reason, OSError) else str(reason)
        return Answer(None, failure=told or str(reason))
    except (OSError, HTTPException) as error:
        return Answer(None, failure=str(error) or type(error).__name__)


def _grpc_health(target: str) -> str:
    import grpc  # noqa: PLC0415 - slow to import
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415

    with grpc.insecure_channel(target) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=_TIMEOUT_S)
        except grpc.RpcError as error:
            failed: Any = error
            name: str = failed.code().name
            return name.lower().replace("_", " ")
    state: str = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    return state
