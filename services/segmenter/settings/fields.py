"""Kinds of fields, and what the names of their variables begin with."""

from typing import Annotated

from pydantic import Field

Port = Annotated[int, Field(ge=0, le=65_535)]
Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]

PREFIX = "MATTEBOX_SEGMENTER_"
GRPC = f"{PREFIX}GRPC_"
ENGINE = f"{PREFIX}ENGINE_"
