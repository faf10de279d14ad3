"""The dialects beside the native one: where each takes pictures, and how it words failures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contract.client import Client, Reply

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One dialect."""

    name: str
    path: str
    key_header: str
    file_field: str
    is_envelope: Callable[[Content], bool]
    """Whether a document is an error in this dialect's words."""

    statuses_of_keys: tuple[int, int]
    """Those of a missing and of a wrong key."""

    text_field: str | None = None
    """Where base64 text goes."""

    url_field: str | None = None
    native: Mapping[str, str] = field(default_factory=dict)
    """Options that make the native picture: a PNG in full size."""

    jpeg: Mapping[str, str] = field(default_factory=dict)
    """Options that make a JPEG, if it can make one by options."""

    mask: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(filter(None, (self.file_field, self.text_field, self.url_field)))

    def send(self, service: Client, image: bytes, **request: Any) -> Reply:
        """Sends a picture as a file, with the key in the dialect's own header.

        ``data`` holds fields, and ``headers`` and ``key`` may say otherwise.
        """
        headers = {self.key_header: service.key} | dict(request.pop("headers", {}))
        files = {self.file_field: ("photo.jpg", image, "image/jpeg")}
        path = request.pop("path", self.path)
        return service.ask("POST", path, key=None, headers=headers, files=files, **request)

    def picture(self, service: Client, reply: Reply) -> Reply:
        """The answer that holds the picture itself: where a URL is told, what is there."""
        assert reply.status == 200, reply.body[:500]
        if self.name != "picsart":
            return reply
        url = str(reply.content["data"]["url"])
        assert url.startswith(service.url)
        return service.get(url.removeprefix(service.url), key=None)

    def refusal(self, reply: Reply) -> int:
        """The status of a failure, after checking that it is told in the dialect's words."""
        assert self.is_envelope(reply.content), reply.body
        return reply.status


def _is_list_of_errors(content: Content) -> bool:
    return set(content) == {"errors"} and all(
        {"title", "code"} <= set(error) for error in content["errors"] or [{}]
    )


def _is_photorooms(content: Content) -> bool:
    return set(content) - {"error"} == {"detail", "status_code", "type"}


def _is_one_text(content: Content) -> bool:
    return (
        set(content) == {"error"} and isinstance(content["error"], str) and bool(content["error"])
    )


def _is_picsarts(content: Content) -> bool:
    return set(content) == {"code", "message", "detail"} and all(content.values())


def _is_detail(content: Content) -> bool:
    return set(content) == {"detail"} and bool(content["detail"])


SPOKEN = {
    spoken.name: spoken
    for spoken in (
        Spoken(
            "removebg",
            "/v1.0/removebg",
            "X-Api-Key",
            "image_file",
            _is_list_of_errors,
            (403, 403),
            text_field="image_file_b64",
            url_field="image_url",
            native={"size": "full", "format": "png"},
            jpeg={"size": "full", "format": "jpg"},
            mask={"channels": "alpha"},
        ),
        Spoken(
            "photoroom",
            "/v1/segment",
            "x-api-key",
            "image_file",
            _is_photorooms,
            (403, 403),
            text_field="image_file_b64",
            jpeg={"format": "jpg"},
            mask={"channels": "alpha"},
        ),
        Spoken(
            "clipdrop",
            "/remove-background/v1",
            "x-api-key",
            "image_file",
            _is_one_text,
            (401, 403),
        ),
        Spoken(
            "slazzer",
            "/v2.0/remove_image_background",
            "API-KEY",
            "source_image_file",
            _is_one_text,
            (401, 401),
            text_field="source_image_base64",
            url_field="source_image_url",
            jpeg={"format": "jpg"},
            mask={"channel": "alpha"},
        ),
        Spoken(
            "picsart",
            "/tools/1.0/removebg",
            "X-Picsart-API-Key",
            "image",
            _is_picsarts,
            (401, 401),
            url_field="image_url",
            jpeg={"format": "JPG"},
            mask={"output_type": "mask"},
        ),
        Spoken(
            "rembg",
            "/api/remove",
            "X-Api-Key",
            "file",
            _is_detail,
            (401, 401),
            mask={"om": "true"},
        ),
    )
}
"""By their names in settings."""
