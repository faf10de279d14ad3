"""What interceptors of the contract's calls share. Health and reflection pass untouched."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, cast

import grpc

_CONTRACT = "/mattebox."

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"
UnaryMethod = Callable[[Any, Context], Awaitable[Any]]
StreamMethod = Callable[[AsyncIterator[Any], Context], AsyncGenerator[Any, None]]
WritingMethod = Callable[[AsyncIterator[Any], Context], Awaitable[None]]


class ContractInterceptor(grpc.aio.ServerInterceptor):
    """Wraps the handlers of this project's services, each with the path that it is called by."""

    @abstractmethod
    def wrap_unary(self, path: str, handle: UnaryMethod) -> UnaryMethod:
        """Wraps a method of one question and one answer."""

    @abstractmethod
    def wrap_stream(self, path: str, handle: Any) -> WritingMethod:  # noqa: ANN401 - of two kinds
        """Wraps a method of many: a `StreamMethod`, or a `WritingMethod`, wrapped before."""

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
            stream = self.wrap_stream(path, handler.stream_stream)
            return grpc.stream_stream_rpc_method_handler(cast("Any", stream), *serializers)
        unary = self.wrap_unary(path, cast("UnaryMethod", handler.unary_unary))
        return grpc.unary_unary_rpc_method_handler(cast("Any", unary), *serializers)
