import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from gateway.reference.document import read_packaged
from gateway.reference.handlers import Reference


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    reference = Reference()
    app = web.Application()
    app.router.add_get("/openapi.json", reference.openapi)
    app.router.add_get("/docs", reference.page)
    serving = TestServer(app)
    async with serving:
        yield serving


async def test_the_document_is_served_as_it_is_packaged(server: TestServer) -> None:
    async with ClientSession() as session:
        # Twice, since an answer of the framework can be sent but once.
        for _ in range(2):
            async with session.get(server.make_url("/openapi.json")) as answer:
                assert answer.status == 200
                assert answer.content_type == "application/json"
                body = await answer.read()
                assert body == read_packaged()
                assert json.loads(body)["info"]["title"] == "Mattebox"


async def test_the_page_is_served_under_its_policy(server: TestServer) -> None:
    async with ClientSession() as session, session.get(server.make_url("/docs")) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert (await answer.text()).startswith("<!DOCTYPE html>\n<html")


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
async def test_head_tells_the_length_alone(server: TestServer, path: str) -> None:
    async with ClientSession() as session:
        async with session.get(server.make_url(path)) as got:
            length = len(await got.read())
        async with session.head(server.make_url(path)) as answer:
            assert answer.headers["Content-Length"] == str(length)
            assert await answer.read() == b""
