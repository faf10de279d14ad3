"""Reads options as a request brings them."""

from gateway.contracts.removebg.options import Asked, read_asked
from gateway.errors import InvalidFieldsError
from gateway.options.cut_out import CutOutOptions
from gateway.options.fields import Fields, FieldValue

MAX_INPUT_PIXELS = 50_000_000


def asked(**values: FieldValue) -> Asked:
    """What a request with these fields asks for."""
    return read_asked(Fields.from_pairs(values.items()), MAX_INPUT_PIXELS)


def options(**values: FieldValue) -> CutOutOptions:
    """The options of a request with these fields."""
    return asked(**values).options


def bad_fields(**values: FieldValue) -> list[str]:
    """The names of the bad ones among these fields."""
    try:
        asked(**values)
    except InvalidFieldsError as error:
        return list(error.details["fields"])
    return []
