"""The refusals of bodies that hold too much beside their image."""

from gateway.errors import BadRequestError


def too_many_fields(limit: int) -> BadRequestError:
    """The refusal of more than ``limit`` fields or parts."""
    return BadRequestError(f"The request has more than {limit} fields.")


def too_long_field(limit_bytes: int) -> BadRequestError:
    """The refusal of a field that is no image, and longer than ``limit_bytes``."""
    return BadRequestError(
        f"A field is longer than {limit_bytes} bytes."
        " Only the image may be: is it sent under another name?"
    )
