"""Kinds of fields, and what the names of their variables begin with."""

from typing import Annotated

from pydantic import Field

Port = Annotated[int, Field(ge=0, le=65535)]
NamedPort = Annotated[int, Field(ge=1, le=65535)]

PREFIX = "MATTEBOX_GATEWAY_"
HTTP = f"{PREFIX}HTTP_"
SEGMENTER = f"{PREFIX}SEGMENTER_"


def items(value: object) -> object:
    """Splits a text by its commas; all else is left as it is."""
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value
