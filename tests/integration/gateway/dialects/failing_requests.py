"""Ways for a request to fail that all dialects have in common, by the names of the tables."""

from collections.abc import Mapping
from types import MappingProxyType

import grpc

from gateway.accounts.keys import KeyTerms
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.fake_segmenter import Failure

SEGMENTERS_FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "unsupported_image_format": Failure(
            grpc.StatusCode.INVALID_ARGUMENT, "UNSUPPORTED_IMAGE_FORMAT", metadata={"format": "PSD"}
        ),
        "invalid_image": Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE"),
        "no usable width or height": Failure(
            grpc.StatusCode.INVALID_ARGUMENT, "INVALID_IMAGE", metadata={"format": "PNG"}
        ),
        "image_too_large (bytes)": Failure(
            grpc.StatusCode.INVALID_ARGUMENT,
            "IMAGE_TOO_MANY_BYTES",
            metadata={"limit_bytes": "31457280"},
        ),
        "image_too_large (pixels)": Failure(
            grpc.StatusCode.INVALID_ARGUMENT,
            "IMAGE_TOO_MANY_PIXELS",
            metadata={"limit_pixels": "25000000"},
        ),
        "overloaded": Failure(
            grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=2.5, early=True
        ),
        "unavailable": Failure(
            grpc.StatusCode.UNAVAILABLE, "ENGINE_UNAVAILABLE", retry_after_s=2.5
        ),
        "timeout": Failure(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED"),
        "internal_error": Failure(grpc.StatusCode.INTERNAL, "INTERNAL_ERROR"),
    }
)


async def key_of_one_request(database: Database) -> str:
    """A key that may ask once in a minute."""
    async with administration(database) as operator:
        key, _ = await operator.create_key(EMAIL, terms=KeyTerms(requests_per_minute=1))
    return key


async def suspend(database: Database) -> None:
    """Suspends the account."""
    async with administration(database) as operator:
        await operator.suspend_account(EMAIL)
