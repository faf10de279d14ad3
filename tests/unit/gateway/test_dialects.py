from collections.abc import Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.contracts.dialect import Dialect, Route
from gateway.dialects import Dialects
from gateway.errors import ApiError, NotFoundError


class Words(Dialect):
    """Answers with its name."""

    def __init__(self, name: str, trees: Sequence[str] = (), claimed_path: str = "") -> None:
        self.name = name  # type: ignore[misc]  # of the instance, since the tests have several
        self.trees = trees  # type: ignore[misc]
        self._claimed_path = claimed_path

    def routes(self) -> list[Route]:
        return [Route(f"/{self.name}", "GET", _unused)]

    def claims(self, request: web.BaseRequest) -> bool:
        return request.path == self._claimed_path

    def render_error(
        self,
        error: ApiError,
        request: web.BaseRequest | None,  # noqa: ARG002
        answered_id: str,
    ) -> web.Response:
        return web.Response(text=f"{self.name} {error.code} {answered_id}", status=error.status)


async def _unused(_request: web.Request) -> web.Response:
    raise AssertionError("nobody calls it")


DIALECTS = Dialects(
    Words("native"),
    [Words("dotted", ["/v1.0"]), Words("plain", ["/v1", "/tools/1.0"], "/v2/account")],
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "native"),
        ("/v2", "native"),
        ("/v1", "plain"),
        ("/v1/", "plain"),
        ("/v1/segment", "plain"),
        ("/v1/segment/deeper", "plain"),
        ("/v1.0", "dotted"),
        ("/v1.0/removebg", "dotted"),
        ("/v1.00/removebg", "native"),
        ("/v10", "native"),
        ("/v1x/segment", "native"),
        ("/V1/segment", "native"),
        ("/tools", "native"),
        ("/tools/1.0/anything", "plain"),
        ("/v2/account", "plain"),
        ("/v2/accounts", "native"),
        ("/deeper/v1/segment", "native"),
    ],
)
def test_a_path_is_in_the_dialect_of_its_tree(path: str, name: str) -> None:
    request = make_mocked_request("POST", path)

    assert DIALECTS.of(request).name == name
    assert DIALECTS.render_error(NotFoundError(), request, "id").text == f"{name} not_found id"


def test_without_a_request_the_words_are_native() -> None:
    assert DIALECTS.of(None).name == "native"


def test_the_routes_are_those_of_all() -> None:
    assert [route.path for route in DIALECTS.routes()] == ["/native", "/dotted", "/plain"]
