"""The ways in which an image can be sent, and the requests that they make."""

import base64
import json
from dataclasses import dataclass
from enum import StrEnum

_BOUNDARY = "mattebox-hostile-files"


class Way(StrEnum):
    """How an image is sent."""

    FILE = "file"
    """In a multipart form."""
    BASE64 = "base64"
    """As text in a JSON body."""
    URL = "URL"
    """By the address from which it is to be fetched."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What is sent to the service."""

    body: bytes
    content_type: str


def upload(way: Way, image: bytes, url: str) -> Upload:
    """Makes a request that sends an image, which can be fetched from the URL as well."""
    match way:
        case Way.FILE:
            return _form('image_file"; filename="picture.jpg', image)
        case Way.URL:
            return _form("image_url", url.encode())
        case Way.BASE64:
            text = base64.b64encode(image).decode()
            return Upload(json.dumps({"image_file_b64": text}).encode(), "application/json")


def _form(name: str, value: bytes) -> Upload:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    body = head.encode() + value + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return Upload(body, f"multipart/form-data; boundary={_BOUNDARY}")
