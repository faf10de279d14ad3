"""The span of each call of the contract. Health is asked too often to be traced."""

from typing import Any

from segmenter.contract_interceptor import Context, ContractInterceptor, UnaryMethod
from telemetry.tracing import Name, Tracer


class TracingInterceptor(ContractInterceptor):
    """Begins a span at each call, as part of its caller's trace. The outermost interceptor.

    How the call ended is told by whoever knows; see `CallInterceptor`.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def wrap_unary(self, path: str, handle: UnaryMethod) -> UnaryMethod:
        """See `ContractInterceptor`. A method of many answers writes them itself by now."""
        method = path.removeprefix("/")

        async def call(request: object, context: Context) -> Any:  # noqa: ANN401 - the method's
            with self._tracer.serve(method, _text_of(context)) as span:
                span.tell({Name.RPC_SYSTEM: "grpc", Name.RPC_METHOD: method})
                return await handle(request, context)

        return call

    wrap_stream = wrap_unary


def _text_of(context: Context) -> dict[str, str]:
    metadata = context.invocation_metadata() or ()
    return {name: value for name, value in metadata if isinstance(value, str)}
