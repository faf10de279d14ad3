"""Jobs against services over HTTP that refuse, fail and vanish."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.integration.remove.conftest import Command

CUT_OUT = b"\x89PNG a cut-out"


@dataclass(slots=True)
class Service:
    """What a service was asked for, and how it answers each request by its number, from 1 on."""

    answer: Callable[[int], web.Response | None] = lambda _: None
    """None stands for a cut-out."""
    broken: frozenset[int] = frozenset()
    """Requests whose connections break."""
    url: str = ""
    keys: set[str] = field(default_factory=set)
    fields: list[dict[str, str]] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.keys.add(request.headers.get("Authorization", ""))
        form = await request.post()
        self.fields.append({name: value for name, value in form.items() if isinstance(value, str)})
        self.times_s.append(asyncio.get_running_loop().time())
        if len(self.times_s) in self.broken and request.transport is not None:
            request.transport.abort()
        return self.answer(len(self.times_s)) or _cut_out()


def _cut_out() -> web.Response:
    headers = {"X-Width": "2", "X-Height": "1", "X-Foreground-Found": "true"}
    return web.Response(body=CUT_OUT, content_type="image/png", headers=headers)


def refusal(status: int, code: str, **headers: str) -> web.Response:
    error = {"code": code, "message": "No.", "status": status, "request_id": "r", "details": {}}
    return web.json_response({"error": error}, status=status, headers=headers)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_post("/v2", service.serve)
    server = TestServer(app)
    await server.start_server()
    service.url = f"http://127.0.0.1:{server.port}"
    yield service
    await server.close()


@pytest.fixture
def command(command: Command) -> Command:
    for number in range(6):
        (command.folder / f"{number}.jpg").write_bytes(b"picture")
    return command


def written(command: Command) -> int:
    return sum(path.read_bytes() == CUT_OUT for path in command.folder.glob("*-cut-out.*"))


async def test_the_service_key_and_options_are_those_that_are_given(
    command: Command, service: Service
) -> None:
    options = ("--format", "webp", "--size", "hd", "--crop", "--bg-color", "teal", "--despill")
    environment = {"MATTEBOX_URL": service.url, "MATTEBOX_KEY": "mb_live_x"}

    ended = await command.run(".", *options, **environment)

    assert ended.code == 0, ended.err
    assert ended.err.startswith("6 done in ")
    assert written(command) == 6
    assert service.keys == {"Bearer mb_live_x"}
    assert service.fields[0] == {
        "format": "webp",
        "size": "hd",
        "channels": "rgba",
        "crop": "true",
        "bg_color": "teal",
        "despill": "true",
    }
    assert not command.engines()


async def test_all_wait_for_as_long_as_a_refusal_says(command: Command, service: Service) -> None:
    service.answer = lambda number: (
        refusal(429, "rate_limited", **{"Retry-After": "1"}) if number == 1 else None
    )

    ended = await command.run(".", "--url", service.url, "--jobs", "1")

    assert ended.code == 0, ended.err
    assert written(command) == 6
    assert len(service.times_s) == 7
    assert service.times_s[1] - service.times_s[0] >= 1


async def test_what_fails_in_passing_is_tried_again(command: Command, service: Service) -> None:
    service.answer = lambda number: refusal(500, "internal_error") if number == 2 else None
    service.broken = frozenset({4})

    ended = await command.run(".", "--url", service.url, "--jobs", "2")

    assert ended.code == 0, ended.err
    assert written(command) == 6
    assert len(service.times_s) == 8


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (401, "missing_api_key", "Give a key with --key or in MATTEBOX_KEY"),
        (401, "invalid_api_key", "Look at --key or MATTEBOX_KEY"),
        (403, "subscription_inactive", "activate the account"),
    ],
)
async def test_a_key_that_is_refused_ends_the_job_at_once(
    command: Command, service: Service, status: int, code: str, told: str
) -> None:
    service.answer = lambda _number: refusal(status, code)

    ended = await command.run(".", "--url", service.url, "--jobs", "2")

    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert line.startswith(f"{code}: No. ")
    assert told in line
    assert len(service.times_s) <= 2
    assert written(command) == 0


async def test_an_address_without_a_mattebox_ends_the_job_at_once(
    command: Command, service: Service
) -> None:
    ended = await command.run(".", "--url", f"{service.url}/elsewhere")

    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert "Look at --url" in line


async def test_a_service_that_is_not_there_is_soon_given_up(command: Command) -> None:
    ended = await command.run(".", "--url", "http://127.0.0.1:1")

    assert ended.code == 1
    assert "http://127.0.0.1:1 cannot be reached" in ended.err.splitlines()[-1]


async def test_each_bad_picture_has_its_line(command: Command, service: Service) -> None:
    service.answer = lambda number: refusal(400, "invalid_image") if number % 2 else None

    ended = await command.run(".", "--url", service.url, "--jobs", "1", "--json")

    assert ended.code == 1
    *failures, summary = ended.err.splitlines()
    assert failures == [
        f"{number}.jpg: invalid_image: No. Look whether it opens in a viewer; if it is damaged,"
        " get it anew."
        for number in (0, 2, 4)
    ]
    assert summary.startswith("3 done, 3 failed in ")
    assert [json.loads(line)["status"] for line in ended.out.splitlines()] == [
        "failed",
        "done",
    ] * 3


async def test_a_url_is_downloaded_and_its_cut_out_written_here(
    command: Command, service: Service
) -> None:
    picture = f"{service.url.replace('http://', 'http://user:secret@')}/v2"

    ended = await command.run(picture, "--url", service.url)

    # The service has no pictures, which is told without the password.
    assert ended.code == 1
    assert "/v2: download_failed: It cannot be downloaded: Its server answered 405." in ended.err
    assert "secret" not in ended.err
