"""What schemathesis sends where the OpenAPI document's schemas say only that an image is meant.

It imports this module; the test beside it says how. No request names a host but the own machine.
Unused parameters are those by which schemathesis knows its hooks.
"""

import io
import os
import re
from collections.abc import Mapping
from typing import Any

import schemathesis
from hypothesis import strategies as st
from PIL import Image
from schemathesis.core.parameters import ParameterLocation

from tests.contract.client import base64_of
from tests.contract.pictures import encoded, photo

URLS = "MATTEBOX_CONTRACT_URLS"

_SMALL = photo(width_px=24, height_px=16)
_IMAGES = {
    f"image/{name.lower()}": encoded(_SMALL, name)
    for name in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
}
_URLS = os.environ[URLS].split()
_REMOTE = re.compile(r"\s*[a-z]+:", re.IGNORECASE)
# What a schema can say no more of: which words are colours, and which hosts answer.
_BEYOND_SCHEMAS = {"invalid_bg_color", "image_url_fetch_failed"}

for media_type, image in _IMAGES.items():
    schemathesis.openapi.media_type(media_type, st.just(image))
schemathesis.openapi.media_type("application/octet-stream", st.sampled_from([*_IMAGES.values()]))
schemathesis.openapi.format("byte", st.sampled_from([*map(base64_of, _IMAGES.values())]))
schemathesis.openapi.format("uri", st.sampled_from(_URLS))


@schemathesis.deserializer(*_IMAGES)
def read_image(
    context: schemathesis.DeserializationContext,  # noqa: ARG001
    response: schemathesis.Response,
) -> str:
    """Opens an image that came back. Raises ValueError if it is none of its Content-Type."""
    with Image.open(io.BytesIO(response.content)) as image:
        image.load()
        if f"image/{image.format}".lower() != response.headers["content-type"][0]:
            raise ValueError(f"a picture of the format {image.format}")
    return response.content.decode("latin-1")


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext,  # noqa: ARG001
    case: schemathesis.Case[Any],
    kwargs: Mapping[str, Any],  # noqa: ARG001
) -> None:
    """Lets options in the query string count, and no URL lead away from this machine."""
    if case.path == "/v2" and _is_about_query(case):
        # Beside a form, which schemathesis would send, the query string is not read.
        case.body, case.media_type = _IMAGES["image/png"], "image/png"
    if isinstance(case.body, dict):
        case.body = {name: _nearby(value) for name, value in case.body.items()}


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,  # noqa: ARG001
    failure: Exception,
    case: schemathesis.Case[Any],  # noqa: ARG001
    response: schemathesis.Response,
) -> bool:
    """Lets a request that keeps to its schema be refused for what schemas cannot say."""
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 400:
        return True
    return response.json()["error"]["code"] not in _BEYOND_SCHEMAS


def _is_about_query(case: schemathesis.Case[Any]) -> bool:
    """Tells whether it is the turn of one parameter of the query string."""
    tried = case.meta.phase.data if case.meta is not None else None
    return getattr(tried, "parameter_location", None) == ParameterLocation.QUERY


def _nearby(value: Any) -> Any:
    if isinstance(value, list):
        return [_nearby(item) for item in value]
    if isinstance(value, str) and _REMOTE.match(value) and value not in _URLS:
        return _URLS[0]
    return value
