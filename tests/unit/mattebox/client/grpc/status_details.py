"""The details of a status, as gRPC carries them."""

from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo


def packed(*messages: ErrorInfo | RetryInfo) -> list[AnyMessage]:
    """Puts each message into an envelope that tells its type."""
    details = []
    for message in messages:
        detail = AnyMessage()
        detail.Pack(message)
        details.append(detail)
    return details
