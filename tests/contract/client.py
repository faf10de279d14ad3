"""A client of the contract: sends what callers send, and reads what they read."""

import base64
import http.client
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
import requests
from numpy.typing import NDArray
from PIL import Image
from requests.structures import CaseInsensitiveDict

Values = Mapping[str, Any]
Answer = TypeVar("Answer")

TIMEOUT_S = 60.0
PATIENCE_S = 30.0
_BETWEEN_POLLS_S = 0.1

ENVELOPE = {"code", "message", "status", "request_id", "details"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over HTTP."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes

    @property
    def request_id(self) -> str:
        return self.headers["X-Request-Id"]

    @property
    def content(self) -> dict[str, Any]:
        """The JSON object in the body."""
        assert self.headers["Content-Type"].partition(";")[0] == "application/json"
        content: dict[str, Any] = json.loads(self.body)
        assert isinstance(content, dict)
        return content

    @property
    def error(self) -> dict[str, Any]:
        """The error in the envelope, all of whose promises are checked."""
        content = self.content
        assert set(content) == {"error"}
        error: dict[str, Any] = content["error"]
        assert set(error) == ENVELOPE
        assert error["status"] == self.status >= 400
        assert error["request_id"] == self.request_id
        assert isinstance(error["details"], dict)
        assert isinstance(error["message"], str)
        assert error["message"]
        return error

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of an error."""
        return self.status, self.error["code"]

    def image(self, *formats: str) -> Image.Image:
        """The picture in the body, loaded."""
        assert self.status == 200, self.body[:500]
        return opened(self.body, *formats)

    @property
    def rgba_u8(self) -> NDArray[np.uint8]:
        """The cut-out in a PNG, uint8 [H, W, 4]."""
        image = self.image("PNG")
        assert image.mode == "RGBA"
        return np.array(image)

    @property
    def mask_u8(self) -> NDArray[np.uint8]:
        """The matte in a PNG of one channel, uint8 [H, W]."""
        image = self.image("PNG")
        assert image.mode == "L"
        return np.array(image)


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests to one gateway, with a key unless told otherwise."""

    url: str
    key: str

    def ask(
        self,
        method: str,
        path: str = "/v2",
        *,
        key: str | None = "",
        headers: Values | None = None,
        **request: Any,
    ) -> Reply:
        """Sends a request; ``key`` None sends none, and empty the client's own."""
        all_headers = dict(headers or {})
        if key is not None:
            all_headers.setdefault("x-api-key", key or self.key)
        with requests.Session() as session:
            session.trust_env = False
            response = session.request(
                method,
                self.url + path,
                headers=all_headers,
                allow_redirects=False,
                timeout=TIMEOUT_S,
                **request,
            )
            return Reply(response.status_code, response.headers, response.content)

    def get(self, path: str, **request: Any) -> Reply:
        return self.ask("GET", path, **request)

    def post_file(self, image: bytes, fields: Values | None = None, **request: Any) -> Reply:
        """Sends ``image`` as the multipart file, with further fields."""
        files = {"image_file": ("photo.jpg", image, "image/jpeg")}
        return self.ask("POST", files=files, data=dict(fields or {}), **request)

    def post_form(self, fields: Values | Sequence[tuple[str, str]], **request: Any) -> Reply:
        """Sends text fields as multipart, in their order and none of them as a file."""
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        parts = [(name, (None, value)) for name, value in pairs]
        return self.ask("POST", files=parts, **request)

    def post_urlencoded(self, fields: Values, **request: Any) -> Reply:
        return self.ask("POST", data=dict(fields), **request)

    def post_json(self, members: Values, **request: Any) -> Reply:
        return self.ask("POST", json=dict(members), **request)

    def post_raw(
        self,
        body: bytes,
        content_type: str | None = None,
        query: Values | None = None,
        **request: Any,
    ) -> Reply:
        """Sends ``body`` as it is; ``query`` holds the options."""
        headers = {} if content_type is None else {"Content-Type": content_type}
        headers |= request.pop("headers", {})
        return self.ask("POST", headers=headers, data=body, params=query, **request)

    def account(self, **request: Any) -> Reply:
        return self.get("/v2/account", **request)

    @contextmanager
    def begun_upload(self, declared_bytes: int) -> Iterator[http.client.HTTPConnection]:
        """Sends the head of an upload and the first bytes of its body, and no more."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            str(address.hostname), address.port, timeout=TIMEOUT_S
        )
        try:
            connection.putrequest("POST", "/v2")
            connection.putheader("x-api-key", self.key)
            connection.putheader("Content-Type", "image/jpeg")
            connection.putheader("Content-Length", str(declared_bytes))
            connection.endheaders(b"\xff\xd8\xff")
            yield connection
        finally:
            connection.close()


def reply_on(connection: http.client.HTTPConnection) -> Reply:
    """Reads the answer to a request that was sent by hand."""
    response = connection.getresponse()
    return Reply(response.status, CaseInsensitiveDict(response.getheaders()), response.read())


def poll(ask: Callable[[], Answer], holds: Callable[[Answer], bool]) -> Answer:
    """Asks until something holds of the answer, which is returned."""
    give_up_s = time.monotonic() + PATIENCE_S
    while not holds(answer := ask()):
        assert time.monotonic() < give_up_s, answer
        time.sleep(_BETWEEN_POLLS_S)
    return answer


def opened(data: bytes, *formats: str) -> Image.Image:
    """Opens a picture that must have one of ``formats``, if any are named."""
    with Image.open(io.BytesIO(data), formats=formats or None) as image:
        image.load()
        return image


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()
