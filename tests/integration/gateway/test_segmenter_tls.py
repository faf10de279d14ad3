"""The hop from the gateway to the segmenter over TLS."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.settings import SegmenterSettings
from tests.authority import Authority, Issued
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import Database
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter, fake_segmenter
from tests.integration.gateway.gateway_process import gateway_process, settings_of
from tests.integration.gateway.served_gateway import PATIENCE_S, ServedGateway, image_form


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def segmenters() -> AsyncIterator[AsyncExitStack]:
    """Where fake segmenters run until the test ends."""
    async with AsyncExitStack() as stack:
        yield stack


async def serving(
    stack: AsyncExitStack, credentials: grpc.ServerCredentials | None
) -> FakeSegmenter:
    return await stack.enter_async_context(fake_segmenter(credentials))


def way(segmenter: FakeSegmenter, authority: Authority | None, **more: Any) -> SegmenterSettings:
    file = None if authority is None else authority.file
    return SegmenterSettings(target=segmenter.target, tls_ca=file, **more)


def shown(identity: Issued) -> dict[str, Path]:
    return {"tls_cert": identity.certificate_file, "tls_key": identity.key_file}


async def is_served(gateway: ServedGateway) -> None:
    await gateway.reaches("/v2/health", 200)
    assert (await gateway.post(image_form())).status == 200


async def is_refused(gateway: ServedGateway, segmenter: FakeSegmenter) -> None:
    """Makes sure of the documented answer, and that nothing has reached the segmenter."""
    reply = await gateway.post(image_form())
    assert (reply.status, reply.error()["code"]) == (503, "unavailable")
    assert int(reply.headers["Retry-After"]) > 0
    assert (await gateway.ask("GET", "/v2/health")).status == 503
    assert segmenter.announced_bytes == []


async def test_pictures_pass_and_health_is_followed_over_tls(
    serve_gateway: ServeGateway, segmenters: AsyncExitStack, authority: Authority
) -> None:
    segmenter = await serving(segmenters, authority.server_credentials("127.0.0.1"))
    gateway = await serve_gateway(segmenter=way(segmenter, authority))

    await is_served(gateway)
    await segmenter.set_ready(ready=False)
    await gateway.reaches("/v2/health", 503)
    await segmenter.set_ready(ready=True)
    await is_served(gateway)


async def test_both_sides_show_certificates_where_the_segmenter_demands_it(
    serve_gateway: ServeGateway, segmenters: AsyncExitStack, authority: Authority
) -> None:
    credentials = authority.server_credentials("127.0.0.1", of_clients=True)
    segmenter = await serving(segmenters, credentials)
    own = authority.issue("gateway.test")

    gateway = await serve_gateway(segmenter=way(segmenter, authority, **shown(own)))

    await is_served(gateway)


async def test_without_the_certificate_that_is_demanded_the_answer_is_503(
    serve_gateway: ServeGateway, segmenters: AsyncExitStack, authority: Authority
) -> None:
    credentials = authority.server_credentials("127.0.0.1", of_clients=True)
    segmenter = await serving(segmenters, credentials)

    await is_refused(await serve_gateway(segmenter=way(segmenter, authority)), segmenter)


async def test_a_certificate_of_another_authority_is_refused_by_the_segmenter(
    serve_gateway: ServeGateway, segmenters: AsyncExitStack, authority: Authority, tmp_path: Path
) -> None:
    credentials = authority.server_credentials("127.0.0.1", of_clients=True)
    segmenter = await serving(segmenters, credentials)
    own = Authority(tmp_path).issue("gateway.test")

    settings = way(segmenter, authority, **shown(own))

    await is_refused(await serve_gateway(segmenter=settings), segmenter)


async def test_a_segmenter_of_another_authority_is_not_spoken_to(
    serve_gateway: ServeGateway, segmenters: AsyncExitStack, authority: Authority, tmp_path: Path
) -> None:
    credentials = Authority(tmp_path).server_credentials("127.0.0.1")
    segmenter = await serving(segmenters, credentials)

    await is_refused(await serve_gateway(segmenter=way(segmenter, authority)), segmenter)


async def test_tls_is_never_left_for_plain_text_nor_the_other_way_round(
    serve_gateway: ServeGateway, segmenters: AsyncExitStack, authority: Authority
) -> None:
    plain = await serving(segmenters, None)
    secure = await serving(segmenters, authority.server_credentials("127.0.0.1"))

    await is_refused(await serve_gateway(segmenter=way(plain, authority)), plain)
    await is_refused(await serve_gateway(segmenter=way(secure, None)), secure)


async def test_the_certificates_name_is_the_targets_unless_the_settings_tell_another(
    serve_gateway: ServeGateway, segmenters: AsyncExitStack, authority: Authority
) -> None:
    segmenter = await serving(segmenters, authority.server_credentials("segmenter.test"))

    await is_refused(await serve_gateway(segmenter=way(segmenter, authority)), segmenter)
    other = way(segmenter, authority, tls_name="other.test")
    await is_refused(await serve_gateway(segmenter=other), segmenter)
    named = way(segmenter, authority, tls_name="segmenter.test")
    await is_served(await serve_gateway(segmenter=named))


class Turning:
    """Credentials of a segmenter that shows and demands certificates of one authority at a time."""

    def __init__(self, authority: Authority) -> None:
        self._configuration = _configuration(authority)
        self.credentials = grpc.dynamic_ssl_server_credentials(
            self._configuration, lambda: self._configuration, require_client_authentication=True
        )

    def turn_to(self, authority: Authority) -> None:
        self._configuration = _configuration(authority)


def _configuration(authority: Authority) -> grpc.ServerCertificateConfiguration:
    issued = authority.issue("127.0.0.1")
    pairs = [(issued.key, issued.chain)]
    return grpc.ssl_server_certificate_configuration(pairs, authority.certificate)


async def test_replaced_files_are_taken_up_while_running_calls_go_on(
    serve_gateway: ServeGateway, segmenters: AsyncExitStack, authority: Authority, tmp_path: Path
) -> None:
    turning, successor = Turning(authority), Authority(tmp_path)
    segmenter = await serving(segmenters, turning.credentials)
    own = authority.issue("gateway.test")
    gateway = await serve_gateway(segmenter=way(segmenter, authority, **shown(own)))
    gate = asyncio.Event()
    segmenter.behaviour = Answer(gate=gate)
    running = asyncio.create_task(gateway.post(image_form()))
    async with asyncio.timeout(PATIENCE_S):
        await segmenter.called.wait()
    segmenter.behaviour = Answer()

    # The segmenter still knows the old authority alone: the old connection serves on.
    authority.file.write_bytes(successor.certificate)
    own.put(successor.issue("gateway.test"))
    assert (await gateway.post(image_form())).status == 200
    assert len({call.peer for call in segmenter.calls}) == 1

    turning.turn_to(successor)
    async with asyncio.timeout(PATIENCE_S):
        while len({call.peer for call in segmenter.calls}) == 1:
            assert (await gateway.post(image_form())).status == 200
    assert not running.done()
    gate.set()
    assert (await running).status == 200


async def test_a_gateway_does_not_start_with_a_file_that_cannot_be_read(
    database: Database, tmp_path: Path
) -> None:
    variables = settings_of(database, "127.0.0.1:1")
    variables |= {"SEGMENTER_TLS_CA": tmp_path / "missing.pem"}

    async with gateway_process(variables) as gateway:
        assert await gateway.exit_code() == 2
        assert gateway.process.stderr is not None
        told = (await gateway.process.stderr.read()).decode()

    assert "MATTEBOX_GATEWAY_SEGMENTER_TLS_*" in told
    assert f"cannot read {tmp_path / 'missing.pem'}" in told
    assert "Traceback" not in told
