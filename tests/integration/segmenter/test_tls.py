"""The segmenter's port over TLS, with and without certificates of its callers."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from certificates import CertificateError
from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub
from tests.authority import Authority, Issued
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball

LIVENESS = health_pb2.HealthCheckRequest(service="liveness")
# A connection of its own for each channel, and so a handshake.
OPTIONS = [("grpc.use_local_subchannel_pool", 1)]
PATIENCE_S = 20.0


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def issued(authority: Authority) -> Issued:
    return authority.issue("127.0.0.1")


def fields(issued: Issued, callers: Authority | None = None) -> dict[str, Any]:
    own = {"tls_cert": issued.certificate_file, "tls_key": issued.key_file}
    return own if callers is None else own | {"tls_client_ca": callers.file}


async def answers(segmenter: Segmenter, credentials: grpc.ChannelCredentials | None) -> bool:
    """Whether health answers over a new connection; in plain text without ``credentials``."""
    target = f"127.0.0.1:{segmenter.port}"
    channel = (
        grpc.aio.insecure_channel(target, options=OPTIONS)
        if credentials is None
        else grpc.aio.secure_channel(target, credentials, options=OPTIONS)
    )
    async with channel:
        try:
            await health(channel).Check(LIVENESS, timeout=PATIENCE_S)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            return False
        return True


def health(channel: grpc.aio.Channel) -> Any:
    return health_pb2_grpc.HealthStub(channel)


async def test_pictures_pass_over_tls(
    start_segmenter: StartSegmenter, authority: Authority, issued: Issued
) -> None:
    segmenter = await start_segmenter(grpc=fields(issued))
    channel = grpc.aio.secure_channel(
        f"127.0.0.1:{segmenter.port}", authority.channel_credentials()
    )
    async with channel:
        readiness = health_pb2.HealthCheckRequest(service="readiness")
        async for told in health(channel).Watch(readiness):
            if told.status == health_pb2.HealthCheckResponse.SERVING:
                break
        request = v1.RemoveBackgroundRequest(image=red_ball())
        made = await SegmenterServiceStub(channel).RemoveBackground(request)

    assert made.cut_out.image.startswith(b"\x89PNG")


async def test_who_does_not_know_the_authority_or_speaks_in_plain_text_gets_no_answer(
    start_segmenter: StartSegmenter, authority: Authority, issued: Issued, tmp_path: Path
) -> None:
    segmenter = await start_segmenter(grpc=fields(issued))

    assert await answers(segmenter, authority.channel_credentials())
    assert not await answers(segmenter, Authority(tmp_path).channel_credentials())
    assert not await answers(segmenter, None)


async def test_callers_need_a_certificate_of_the_authority_where_one_is_named(
    start_segmenter: StartSegmenter, authority: Authority, issued: Issued, tmp_path: Path
) -> None:
    callers, others = Authority(tmp_path), Authority(tmp_path)
    segmenter = await start_segmenter(grpc=fields(issued, callers))
    good, bad = callers.issue("gateway.test"), others.issue("gateway.test")

    assert await answers(segmenter, authority.channel_credentials(good))
    assert not await answers(segmenter, authority.channel_credentials(bad))
    # One of the server's own authority is none of the callers'.
    assert not await answers(segmenter, authority.channel_credentials(issued))
    assert not await answers(segmenter, authority.channel_credentials())
    assert not await answers(segmenter, None)


async def test_replaced_files_are_taken_up_without_a_restart(
    start_segmenter: StartSegmenter, issued: Issued, authority: Authority, tmp_path: Path
) -> None:
    segmenter = await start_segmenter(grpc=fields(issued))
    assert await answers(segmenter, authority.channel_credentials())
    successor = Authority(tmp_path)

    issued.put(successor.issue("127.0.0.1"))

    assert await answers(segmenter, successor.channel_credentials())
    assert not await answers(segmenter, authority.channel_credentials())


async def test_a_replaced_authority_of_callers_is_taken_up(
    start_segmenter: StartSegmenter, issued: Issued, authority: Authority, tmp_path: Path
) -> None:
    callers, successor = Authority(tmp_path), Authority(tmp_path)
    segmenter = await start_segmenter(grpc=fields(issued, callers))
    old, new = callers.issue("gateway.test"), successor.issue("gateway.test")
    assert not await answers(segmenter, authority.channel_credentials(new))

    callers.file.write_bytes(successor.certificate)

    assert await answers(segmenter, authority.channel_credentials(new))
    assert not await answers(segmenter, authority.channel_credentials(old))


async def test_files_that_are_damaged_later_leave_the_port_as_it_was(
    start_segmenter: StartSegmenter, issued: Issued, authority: Authority
) -> None:
    segmenter = await start_segmenter(grpc=fields(issued))

    issued.certificate_file.write_bytes(b"damaged")

    assert await answers(segmenter, authority.channel_credentials())
    assert not await answers(segmenter, None)
    lines = [json.loads(line) for line in segmenter.log.getvalue().splitlines()]
    (told,) = [line for line in lines if line["event"] == "certificate_not_renewed"]
    assert told["detail"].startswith("MATTEBOX_SEGMENTER_GRPC_TLS_*: ")


@pytest.mark.parametrize("damaged", ["certificate", "key"])
async def test_files_that_cannot_be_used_never_open_the_port_in_plain_text(
    start_segmenter: StartSegmenter, issued: Issued, damaged: str
) -> None:
    {"certificate": issued.certificate_file, "key": issued.key_file}[damaged].write_bytes(b"")

    with pytest.raises(CertificateError, match="MATTEBOX_SEGMENTER_GRPC_TLS"):
        await start_segmenter(grpc=fields(issued))


def test_a_segmenter_does_not_start_with_files_that_cannot_be_read(
    issued: Issued, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.pem"
    variables = {
        "MATTEBOX_SEGMENTER_GRPC_PORT": "0",
        "MATTEBOX_SEGMENTER_METRICS_PORT": "0",
        "MATTEBOX_SEGMENTER_GRPC_TLS_CERT": str(issued.certificate_file),
        "MATTEBOX_SEGMENTER_GRPC_TLS_KEY": str(missing),
    }

    ended = subprocess.run(
        [sys.executable, "-m", "segmenter.main"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "MATTEBOX_SEGMENTER_GRPC_TLS_*: cannot read" in ended.stderr
    assert str(missing) in ended.stderr
    assert "Traceback" not in ended.stderr
