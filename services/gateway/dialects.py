"""The dialects that are spoken, and which of them a request is in."""

from collections.abc import Iterable, Iterator

from aiohttp import web

from gateway.contracts.dialect import Dialect, Route
from gateway.errors import ApiError


class Dialects:
    """Finds the dialect of a path: that of the tree it lies in, or else the ``native`` one."""

    def __init__(self, native: Dialect, others: Iterable[Dialect] = ()) -> None:
        self._native = native
        self._others = tuple(others)
        self._by_tree = {_segments(tree): each for each in self._others for tree in each.trees}

    def of(self, request: web.BaseRequest | None) -> Dialect:
        """The dialect in which a request is answered; the native one where there is no request."""
        if request is None:
            return self._native
        segments = _segments(request.path)
        for length in range(len(segments), 0, -1):
            if dialect := self._by_tree.get(segments[:length]):
                return dialect
        return next((each for each in self._others if each.claims(request)), self._native)

    def routes(self) -> Iterator[Route]:
        """What all of them answer."""
        for dialect in (self._native, *self._others):
            yield from dialect.routes()

    def render_error(
        self, error: ApiError, request: web.BaseRequest | None, answered_id: str
    ) -> web.Response:
        """Words a failure in the dialect of its request."""
        return self.of(request).render_error(error, request, answered_id)


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))
