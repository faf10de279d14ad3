"""What spans may tell: attributes with other names are never exported."""

from enum import StrEnum


class Name(StrEnum):
    """The names; those that OpenTelemetry's conventions know are theirs."""

    ERROR_TYPE = "error.type"
    """Our code or reason of a failure, never its text."""

    HTTP_METHOD = "http.request.method"
    HTTP_ROUTE = "http.route"
    """The template, never the path."""
    HTTP_STATUS = "http.response.status_code"
    HTTP_BYTES_IN = "http.request.body.size"
    HTTP_BYTES_OUT = "http.response.body.size"

    RPC_SYSTEM = "rpc.system.name"
    RPC_METHOD = "rpc.method"
    RPC_STATUS = "rpc.response.status_code"

    REQUEST_ID = "mattebox.request_id"
    DIALECT = "mattebox.dialect"
    ORIGIN = "mattebox.origin"
    """Who ended a request that failed."""
    OUTCOME = "mattebox.outcome"
    """How a download ended."""
    MODEL = "mattebox.model"
    BATCH_SIZE = "mattebox.batch.size"
    MEGAPIXELS = "mattebox.megapixels"
    """Of a cut-out at the gateway, of the image that was sent at the segmenter."""


ATTRIBUTES = frozenset(name.value for name in Name)
