"""What the health endpoints tell, and the one state that is the gateway's own."""

from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web


class Lifecycle:
    """Whether the gateway takes requests: not yet, now, or no longer."""

    def __init__(self) -> None:
        self._begun = False
        self.stopping = False

    @property
    def ready(self) -> bool:
        """Whether it takes requests now."""
        return self._begun and not self.stopping

    def begin(self) -> None:
        """Makes readiness succeed from now on."""
        self._begun = True

    def stop(self) -> None:
        """Makes readiness fail from now on."""
        self.stopping = True


class Health:
    """The handlers of the health endpoints."""

    def __init__(self, lifecycle: Lifecycle, segmenter_serving: Callable[[], bool]) -> None:
        self._lifecycle = lifecycle
        self._segmenter_serving = segmenter_serving

    async def end_to_end(self, _request: web.Request) -> web.Response:
        """Tells users whether requests can be served, segmenter included."""
        return _answer(ok=self._lifecycle.ready and self._segmenter_serving())

    async def live(self, _request: web.Request) -> web.Response:
        """Tells that the process runs, whatever its dependencies do."""
        return _answer(ok=True)

    async def ready(self, _request: web.Request) -> web.Response:
        """Tells the orchestrator whether this gateway takes requests.

        Independent of the segmenter: one failing dependency must not remove all gateways.
        """
        return _answer(ok=self._lifecycle.ready)


def _answer(*, ok: bool) -> web.Response:
    status = HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
    return web.json_response({"status": "ok" if ok else "unavailable"}, status=status)
