"""The spans of a picture's way through the segmenters: one for all, and one for each call."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus

import grpc

from gateway.errors import ApiError
from mattebox.segmenter import v1
from telemetry.tracing import Span, answered_call, begun_call, step

_SERVICE = v1.RemoveBackgroundRequest.DESCRIPTOR.file.services_by_name["SegmenterService"].full_name


def begun(method: str) -> Span:
    """Begins the span of one call of the segmenters' service; `end_call` ends it."""
    return begun_call(f"{_SERVICE}/{method}")


def question(method: str) -> AbstractContextManager[Span]:
    """The span of a call that the block makes and waits for the answer of."""
    return answered_call(
        f"{_SERVICE}/{method}", grpc.aio.AioRpcError, lambda failure: failure.code().name
    )


@contextmanager
def work() -> Iterator[None]:
    """The step of a request that is the segmenters', in however many calls; fails as it does."""
    with step("segmenter") as span:
        try:
            yield
        except ApiError as error:
            span.fail(error.code, ours=error.status >= HTTPStatus.INTERNAL_SERVER_ERROR)
            raise
