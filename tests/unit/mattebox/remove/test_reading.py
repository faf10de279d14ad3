"""Where pictures come from, over a real server where there is one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path, PurePath

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer, TestServer

from mattebox.remove.errors import PictureError
from mattebox.remove.reading import Reader
from mattebox.remove.sources import FileSource, StdinSource, Unreadable, UrlSource
from tests.unit.mattebox.remove.fakes import Naps

MOST_BYTES = 100_000


async def _picture(_request: web.Request) -> web.Response:
    return web.Response(body=b"picture")


async def _elsewhere(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/picture")


async def _circle(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/circle")


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(65_536))


async def _silent(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = web.Application()
    for handler in (_picture, _elsewhere, _circle, _endless, _silent):
        app.router.add_get(f"/{handler.__name__[1:]}", handler)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.01)
    yield f"http://127.0.0.1:{server.port}"
    await server.close()


@asynccontextmanager
async def serving(
    serve: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """A server of one answer, which takes requests to a proxy too."""
    async with RawTestServer(serve) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    async with Reader(b"from stdin", most_bytes=MOST_BYTES, sleep=Naps()) as reader:
        yield reader


async def failure(reader: Reader, source: FileSource | UrlSource | Unreadable) -> str:
    with pytest.raises(PictureError) as raised:
        await reader.read(source)
    assert raised.value.advice
    return f"{raised.value.code}: {raised.value}"


async def test_files_and_standard_input(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"picture")

    assert await reader.read(FileSource(tmp_path / "a.jpg", PurePath("a.jpg"))) == b"picture"
    assert await reader.read(StdinSource()) == b"from stdin"


async def test_what_cannot_be_read_says_why(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "large.jpg").write_bytes(bytes(MOST_BYTES + 1))

    for name, told in [
        ("none.jpg", "cannot_read: It cannot be read: No such file or directory."),
        (".", "cannot_read: It cannot be read: Is a directory."),
        ("empty.jpg", "missing_image: There are no bytes."),
        ("large.jpg", "image_too_large: It has more than"),
    ]:
        assert (await failure(reader, FileSource(tmp_path / name, PurePath(name)))).startswith(told)
    assert "Permission denied" in await failure(reader, Unreadable(tmp_path, "Permission denied"))


@pytest.mark.parametrize("path", ["picture", "elsewhere"])
async def test_a_url_is_downloaded_wherever_it_leads(reader: Reader, url: str, path: str) -> None:
    assert await reader.read(UrlSource(f"{url}/{path}")) == b"picture"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("none", "download_failed: It cannot be downloaded: Its server answered 404."),
        ("circle", "download_failed: It cannot be downloaded: Exceeded maximum allowed redirects."),
        ("endless", "image_too_large: "),
    ],
)
async def test_a_download_that_fails_says_why(
    reader: Reader, url: str, path: str, told: str
) -> None:
    assert (await failure(reader, UrlSource(f"{url}/{path}"))).startswith(told)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_refusal_that_may_pass_is_tried_again(status: int) -> None:
    asked: list[web.BaseRequest] = []

    async def serve(request: web.BaseRequest) -> web.Response:
        asked.append(request)
        if len(asked) < 3:
            return web.Response(status=status, headers={"Retry-After": "7"})
        return web.Response(body=b"picture")

    naps = Naps()
    async with serving(serve) as url, Reader(sleep=naps) as reader:
        assert await reader.read(UrlSource(f"{url}/a.jpg")) == b"picture"

    assert len(asked) == 3
    assert [7 <= nap < 10 for nap in naps.naps] == [True, True]


@pytest.mark.parametrize(
    ("status", "headers", "times"),
    [(404, {}, 1), (501, {}, 1), (503, {}, 3), (503, {"Retry-After": "61"}, 1)],
)
async def test_a_refusal_that_stays_is_the_pictures_failure(
    status: int, headers: dict[str, str], times: int
) -> None:
    asked: list[web.BaseRequest] = []

    async def serve(request: web.BaseRequest) -> web.Response:
        asked.append(request)
        return web.Response(status=status, headers=headers)

    async with serving(serve) as url, Reader(sleep=Naps()) as reader:
        told = await failure(reader, UrlSource(f"{url}/a.jpg"))

    assert told == f"download_failed: It cannot be downloaded: Its server answered {status}."
    assert len(asked) == times


async def test_downloads_take_the_proxy_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def serve(request: web.BaseRequest) -> web.Response:
        asked.append(request.raw_path)
        return web.Response(body=b"picture")

    async with serving(serve) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        for name in ("no_proxy", "NO_PROXY", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with Reader() as reader:
            assert await reader.read(UrlSource("http://pictures.invalid/a.jpg")) == b"picture"

    assert asked == ["http://pictures.invalid/a.jpg"]


async def test_a_server_that_says_nothing_is_given_up(url: str) -> None:
    async with Reader(download_s=0.05) as reader:
        told = await failure(reader, UrlSource(f"{url}/silent"))
    assert told == "download_failed: It cannot be downloaded: It took more than 0.05 s."


@pytest.mark.parametrize(
    "bad",
    [
        *("http://127.0.0.1:1/a", "http://", "http://[", "http://a:b/", "http://a:99999/"),
        *("http://%s.example/" % ("a" * 70), "http://a/\udcff"),
    ],
)
async def test_a_url_that_leads_nowhere_is_one_pictures_failure(reader: Reader, bad: str) -> None:
    assert (await failure(reader, UrlSource(bad))).startswith("download_failed: ")
