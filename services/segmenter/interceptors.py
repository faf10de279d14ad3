"""What every call of the contract goes through: request id, metrics, log line, errors.

The one place where failures become gRPC statuses. Health and reflection pass untouched.
"""

from asyncio import CancelledError
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
from structlog.typing import FilteringBoundLogger

from segmenter.call_record import CallRecord, call_record
from segmenter.contract_interceptor import (
    Context,
    ContractInterceptor,
    StreamMethod,
    UnaryMethod,
    WritingMethod,
)
from segmenter.converters import code_name, error_to_status
from segmenter.errors import SegmenterError, is_ours, reason_name
from segmenter.metrics import Metrics
from telemetry.request_id import METADATA_KEY, choose_request_id
from telemetry.tracing import Name, current

_CANCELLED = "CANCELLED"  # nobody is there to be told
_STATUS_DETAILS = "grpc-status-details-bin"
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class CallInterceptor(ContractInterceptor):
    """Wraps the handlers of this project's services."""

    def __init__(self, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._log = log

    def wrap_unary(self, path: str, handle: UnaryMethod) -> UnaryMethod:
        """See `ContractInterceptor`."""

        async def call(request: object, context: Context) -> object:
            record = _Answering(path, context, self._metrics, self._log)
            try:
                answer: object = await handle(request, context)
            except (CancelledError, GeneratorExit) as error:
                record.finish(_CANCELLED, error)
                raise
            except BaseException as error:  # noqa: BLE001 - ends the call, whatever it is
                record.fail(error)
                return None
            record.finish("OK")
            return answer

        return call

    def wrap_stream(self, path: str, handle: StreamMethod) -> WritingMethod:
        """See `ContractInterceptor`."""

        async def call(requests: AsyncIterator[Any], context: Context) -> None:
            record = _Answering(path, context, self._metrics, self._log)
            try:
                # Closed here and now, so that a caller that leaves ends the work at once.
                async with aclosing(handle(requests, context)) as answers:
                    async for answer in answers:
                        await _write(context, answer)
            except (CancelledError, GeneratorExit) as error:
                record.finish(_CANCELLED, error)
                raise
            except BaseException as error:  # noqa: BLE001 - ends the call, whatever it is
                record.fail(error)
                return
            record.finish("OK")

        return call


class _Answering:
    """One call, from its arrival to the line it leaves in the log."""

    def __init__(
        self, path: str, context: Context, metrics: Metrics, log: FilteringBoundLogger
    ) -> None:
        self._method = path.rpartition("/")[2]
        self._context = context
        self._metrics = metrics.calls
        offered = dict(context.invocation_metadata() or {}).get(METADATA_KEY)
        chosen_id = choose_request_id(_text(offered))
        # Where a call is thrown away, another one's may be the current span at its end.
        self._span = current()
        self._span.tell({Name.REQUEST_ID: chosen_id})
        ids = {"request_id": chosen_id, "trace_id": self._span.trace_id}
        self._log = log.bind(method=self._method, **ids)
        self._record = CallRecord("call", self._log, metrics.pictures, context.time_remaining)
        call_record.set(self._record)

    def fail(self, error: BaseException) -> None:
        """Gives the call the status of an error.

        Raises nothing, and calls no `abort`, which would: the traceback would hold this frame and
        so itself, or grpc would keep it, and with it the request until the garbage collector
        happens to look.
        """
        if not isinstance(error, SegmenterError | TimeoutError):
            self._log.error("call_failed", exc_info=error)
        status = error_to_status(error)
        self._context.set_code(_CODES[status.code])
        self._context.set_details(status.message)
        self._context.set_trailing_metadata(((_STATUS_DETAILS, status.SerializeToString()),))
        self._span.fail(reason_name(error), ours=is_ours(error))
        self.finish(code_name(status), error, status.message)

    def finish(self, code: str, error: BaseException | None = None, told: str = "") -> None:
        """Counts the call and writes its line."""
        duration_s = self._record.finish(code, error, told)
        self._span.tell({Name.RPC_STATUS: code})
        self._metrics.finished(self._method, code, duration_s)


async def _write(context: Context, answer: object) -> None:
    """Hands an answer to the transport, and returns when the caller has room for more.

    Raises:
        CancelledError: the caller has left, which grpc would take for a failure of this process.
    """
    try:
        await context.write(answer)
    except grpc.aio.InternalError as error:
        raise CancelledError from error


def _text(value: str | bytes | None) -> str | None:
    return value if isinstance(value, str) else None
