"""The segmenter's way to a Triton that speaks TLS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from tritonclient.grpc import service_pb2_grpc

from certificates import CertificateError, TlsFiles
from segmenter.errors import EngineUnavailableError
from segmenter.inference.triton import TritonEngine
from tests.authority import Authority
from tests.unit.segmenter.inference.fake_triton import FakeTriton
from tests.unit.segmenter.inference.test_triton import BATCH_U8


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def fake_triton(credentials: grpc.ServerCredentials) -> AsyncIterator[str]:
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(FakeTriton(), server)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


async def infers(engine: TritonEngine) -> bool:
    try:
        alphas_f32 = await engine.infer("toy", BATCH_U8, 20)
        assert alphas_f32.shape == BATCH_U8.shape[:3]
        assert await engine.ready("toy")
    except EngineUnavailableError:
        assert not await engine.ready("toy")
        return False
    finally:
        await engine.close()
    return True


async def test_it_believes_the_authority_it_was_given_and_no_other(
    authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path)
    async with fake_triton(authority.server_credentials("127.0.0.1")) as target:
        right = TlsFiles("X", authorities=authority.file)
        wrong = TlsFiles("X", authorities=other.file)

        assert await infers(TritonEngine(target, right))
        assert not await infers(TritonEngine(target, wrong))
        assert not await infers(TritonEngine(target))


async def test_it_shows_its_certificate_where_one_is_demanded(authority: Authority) -> None:
    own = authority.issue("segmenter.test")
    credentials = authority.server_credentials("127.0.0.1", of_clients=True)
    async with fake_triton(credentials) as target:
        with_own = TlsFiles("X", own.certificate_file, own.key_file, authority.file)
        without = TlsFiles("X", authorities=authority.file)

        assert await infers(TritonEngine(target, with_own))
        assert not await infers(TritonEngine(target, without))


async def test_the_name_must_be_the_targets_unless_another_is_told(authority: Authority) -> None:
    files = TlsFiles("X", authorities=authority.file)
    async with fake_triton(authority.server_credentials("triton.test")) as target:
        assert not await infers(TritonEngine(target, files))
        assert not await infers(TritonEngine(target, files, "other.test"))
        assert await infers(TritonEngine(target, files, "triton.test"))


async def test_without_its_files_there_is_no_engine(tmp_path: Path) -> None:
    files = TlsFiles("THE_SETTING", authorities=tmp_path / "missing")

    with pytest.raises(CertificateError, match="THE_SETTING"):
        TritonEngine("127.0.0.1:1", files)
