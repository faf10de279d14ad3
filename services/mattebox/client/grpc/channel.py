"""How channels to a segmenter are set, and what each call on one tells of itself."""

import uuid

_MAX_MESSAGE_BYTES = 256 * 2**20
"""The contract's largest answer."""

CHANNEL_OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    # Failed calls are made again by `Retries`, and by nobody else.
    ("grpc.enable_retries", 0),
    # Pictures go to nobody else, whatever proxy the environment names for other traffic.
    ("grpc.enable_http_proxy", 0),
    # One that is frozen takes connections and bytes as ever, and only leaves pings unanswered. A
    # segmenter that shares a busy machine with its caller may be slow to answer.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # Without it a ping has a minute, whatever the line above says.
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # By itself gRPC would wait longer and longer for one that restarts, past all attempts.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]


def new_request_id() -> str:
    """Names a call, for the segmenter's log."""
    return f"req_{uuid.uuid4().hex}"


def call_metadata(request_id: str) -> tuple[tuple[str, str], ...]:
    """What a call sends beside its message."""
    return (("x-request-id", request_id),)
