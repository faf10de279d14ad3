"""`grpc.health.v1`, served.

The library's own asyncio servicer says SERVING before anybody looked, forgets the other watchers
of a name when one of them leaves, and never ends a watch, so that each would hold up a stop for
its whole grace period.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

Response = health_pb2.HealthCheckResponse
Context = grpc.aio.ServicerContext[Any, Any]


class HealthServicer(health_pb2_grpc.HealthServicer):
    """Holds a status for each name, NOT_SERVING at first. Belongs to one event loop."""

    def __init__(self, names: Iterable[str]) -> None:
        self._statuses: dict[str, int] = dict.fromkeys(names, int(Response.NOT_SERVING))
        self._changed = asyncio.Event()
        self._ended = False

    def set(self, name: str, *, serving: bool) -> None:
        """Changes the status of a name and tells its watchers."""
        self._statuses[name] = Response.SERVING if serving else Response.NOT_SERVING
        self._announce()

    def end_watches(self) -> None:
        """Lets every watch end after its last status, and every later one after its first."""
        self._ended = True
        self._announce()

    async def Check(  # noqa: N802 - the contract's name
        self, request: health_pb2.HealthCheckRequest, context: Context
    ) -> health_pb2.HealthCheckResponse:
        """Tells a status."""
        if request.service not in self._statuses:
            await context.abort(
                grpc.StatusCode.NOT_FOUND, f"There is no service {request.service!r}."
            )
        return Response(status=self._statuses[request.service])

    async def Watch(  # noqa: N802 - the contract's name
        self,
        request: health_pb2.HealthCheckRequest,
        context: Context,  # noqa: ARG002 - the servicer's signature
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """Tells a status and each change of it."""
        told = None
        while True:
            # Taken before the status is read: no change between the two is missed.
            changed = self._changed
            status = self._statuses.get(request.service, Response.SERVICE_UNKNOWN)
            if status != told:
                yield Response(status=status)
                told = status
            if self._ended:
                return
            await changed.wait()

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
