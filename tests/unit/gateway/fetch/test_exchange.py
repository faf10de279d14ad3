import pytest

from gateway.errors import FetchFailedError
from tests.unit.gateway.fetch.conftest import Loopback
from tests.unit.gateway.fetch.upstream import ALLOWED, http_answer

PICTURE = b"\x89PNG and so on"


class TestQuestions:
    async def test_the_request_says_who_asks_and_wants_plain_bytes(
        self, loopback: Loopback
    ) -> None:
        loopback.upstream.answers["/"] = http_answer(body=PICTURE)

        await loopback.fetch(loopback.url())

        (head,) = loopback.upstream.heads
        lines = head.lower().split("\r\n")
        assert lines[0] == "get / http/1.1"
        assert f"host: good.test:{loopback.port}" in lines
        assert "user-agent: mattebox" in lines
        assert "accept-encoding: identity" in lines
        assert not [line for line in lines if line.startswith(("cookie", "authorization"))]

    async def test_a_cookie_is_neither_kept_nor_logged(
        self, loopback: Loopback, caplog: pytest.LogCaptureFixture
    ) -> None:
        headers = {"Location": "/2", "Set-Cookie": "a b=secret; c"}
        loopback.upstream.answers |= {
            "/1": http_answer(302, headers=headers),
            "/2": http_answer(body=PICTURE),
        }

        assert await loopback.fetch(loopback.url("/1")) == PICTURE
        assert "ookie" not in "".join(loopback.upstream.heads)
        assert not caplog.records

    async def test_proxies_of_the_environment_are_not_used(
        self, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.2:{loopback.port}")
        loopback.upstream.answers["/"] = http_answer(body=PICTURE)

        assert await loopback.fetch(loopback.url()) == PICTURE
        assert loopback.connected == [ALLOWED]


class TestStatuses:
    @pytest.mark.parametrize("status", [201, 204, 206, 300, 304, 403, 404, 429, 500, 503])
    @pytest.mark.usefixtures("as_if_public")
    async def test_public_hosts_are_quoted(self, loopback: Loopback, status: int) -> None:
        loopback.upstream.answers["/"] = http_answer(status)

        error = await loopback.failure(loopback.url(), allow=())

        assert isinstance(error, FetchFailedError)
        assert str(error) == f"cannot download image_url (HTTP {status})"
        assert error.detail == "status"

    @pytest.mark.parametrize("status", [403, 404, 500])
    @pytest.mark.parametrize("allow", [ALLOWED, "127.0.0.0/8", "good.test"])
    async def test_hosts_that_only_the_operator_names_are_not(
        self, loopback: Loopback, status: int, allow: str
    ) -> None:
        loopback.upstream.answers["/"] = http_answer(status)

        error = await loopback.failure(loopback.url(), allow=(allow,))

        assert str(error) == "cannot download image_url"

    @pytest.mark.usefixtures("as_if_public")
    async def test_naming_a_public_host_changes_nothing(self, loopback: Loopback) -> None:
        loopback.upstream.answers["/"] = http_answer(404)

        error = await loopback.failure(loopback.url(), allow=("good.test",))

        assert str(error) == "cannot download image_url (HTTP 404)"

    @pytest.mark.usefixtures("as_if_public")
    async def test_a_redirect_to_nowhere_is_a_status(self, loopback: Loopback) -> None:
        loopback.upstream.answers["/"] = http_answer(302)

        error = await loopback.failure(loopback.url(), allow=())

        assert str(error) == "cannot download image_url (HTTP 302)"


class TestFailures:
    async def test_refused_unknown_and_unreachable_read_the_same(self, loopback: Loopback) -> None:
        loopback.nameserver.say("private.test", ["10.0.0.1"])
        loopback.nameserver.say("closed.test", ["127.0.0.9"])
        errors = [
            await loopback.failure(loopback.url(host="127.0.0.2")),
        ]
        for host, allow in (
            ("private.test", ()),
            ("nowhere.test", ()),
            ("closed.test", "127.0.0.9"),
        ):
            loopback.outcomes.clear()
            allowed = (allow,) if isinstance(allow, str) else allow
            errors.append(await loopback.failure(loopback.url(host=host), allow=allowed))

        assert [error.detail for error in errors] == [
            "address_refused",
            "address_refused",
            "unresolved",
            "unreachable",
        ]
        assert {(type(e), str(e), str(e.details), str(e.headers)) for e in errors} == {
            (FetchFailedError, "cannot download image_url", "{}", "{}")
        }

    async def test_an_error_holds_neither_url_nor_address(self, loopback: Loopback) -> None:
        error = await loopback.failure(loopback.url("/canary", host="127.0.0.2"))

        assert error.__cause__ is None
        assert error.__suppress_context__
        assert "127" not in f"{error} {error.detail} {error.details}"
