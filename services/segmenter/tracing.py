"""The span of each call of the contract. Health is asked too often to be traced."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, cast

import grpc

from telemetry.tracing import Name, Tracer

_CONTRACT = "/mattebox."

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"
Method = Callable[[object, Context], Awaitable[object]]
"""Of one answer, or of many that it writes itself."""


class TracingInterceptor(grpc.aio.ServerInterceptor):
    """Begins a span at each call, as part of its caller's trace. The outermost interceptor.

    How the call ended is told by whoever knows; see `CallInterceptor`.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """See `grpc.aio.ServerInterceptor`."""
        handler = await continuation(handler_call_details)
        path = handler_call_details.method
        if handler is None or not path.startswith(_CONTRACT):
            return handler
        serializers = (handler.request_deserializer, handler.response_serializer)
        # The library's types know the methods of its synchronous server only.
        if handler.stream_stream:
            stream: Any = self._traced(path, cast("Method", handler.stream_stream))
            return grpc.stream_stream_rpc_method_handler(stream, *serializers)
        unary: Any = self._traced(path, cast("Method", handler.unary_unary))
        return grpc.unary_unary_rpc_method_handler(unary, *serializers)

    def _traced(self, path: str, handle: Method) -> Method:
        method = path.removeprefix("/")

        async def call(request: object, context: Context) -> object:
            with self._tracer.serve(method, _text_of(context)) as span:
                span.tell({Name.RPC_SYSTEM: "grpc", Name.RPC_METHOD: method})
                return await handle(request, context)

        return call


def _text_of(context: Context) -> dict[str, str]:
    metadata = context.invocation_metadata() or ()
    return {name: value for name, value in metadata if isinstance(value, str)}
