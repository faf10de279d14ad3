import asyncio
from pathlib import Path

import pytest

from gateway.accounts.keys_file import KeysFile
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.gateway_process import client_of, gateway_process, settings_of
from tests.integration.gateway.served_gateway import PATIENCE_S, image_form

WITHOUT_FILES = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
from gateway.main import main
main()
"""


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def key(keys_file: Path) -> str:
    return KeysFile(keys_file).replace_labelled("test")


async def test_sigterm_ends_an_idle_gateway_with_0(
    segmenter: FakeSegmenter, keys_file: Path, key: str
) -> None:
    async with gateway_process(settings_of(keys_file, segmenter.target)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, key) as client:
            assert (await client.post(image_form())).status == 200
        gateway.terminate()
        assert await gateway.exit_code() == 0


async def test_requests_that_run_at_sigterm_are_finished_and_new_ones_refused(
    segmenter: FakeSegmenter, keys_file: Path, key: str
) -> None:
    gate = asyncio.Event()
    segmenter.behaviour = Answer(image=b"png", gate=gate)
    async with gateway_process(settings_of(keys_file, segmenter.target)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, key) as client:
            running = asyncio.create_task(client.post(image_form()))
            async with asyncio.timeout(PATIENCE_S):
                await segmenter.called.wait()
                gateway.terminate()
                await gateway.logged("stopping")
                await _refuses_connections(port)
            gate.set()
            reply = await running
        assert (reply.status, reply.body) == (200, b"png")
        assert await gateway.exit_code() == 0


async def test_within_the_drain_delay_requests_are_served_but_readiness_fails(
    segmenter: FakeSegmenter, keys_file: Path, key: str
) -> None:
    settings = settings_of(keys_file, segmenter.target) | {"HTTP_DRAIN_DELAY_S": 3600}
    async with gateway_process(settings) as gateway:
        metrics_port = (await gateway.logged("metrics_listening"))["port"]
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, key) as client, client_of(metrics_port, "") as operator:
            await client.reaches("/v2/health/ready", 200)
            await operator.reaches("/ready", 200)
            gateway.terminate()
            await client.reaches("/v2/health/ready", 503)
            reply = await client.post(image_form())
            health = await client.ask("GET", "/v2/health")
            live = await client.ask("GET", "/v2/health/live")
            ready = await operator.ask("GET", "/ready")

    assert (reply.status, reply.headers["Connection"]) == (200, "close")
    assert (health.status, live.status, ready.status) == (503, 200, 503)


async def test_nothing_is_written_to_disk(
    segmenter: FakeSegmenter, keys_file: Path, key: str
) -> None:
    """The process may not make a file longer than 0 bytes; an upload is large enough to spool."""
    segmenter.behaviour = Answer(image=bytes(20 * 2**20))
    settings = settings_of(keys_file, segmenter.target)
    async with gateway_process(settings, ("-c", WITHOUT_FILES)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, key) as client:
            reply = await client.post(image_form(bytes(20 * 2**20)))

    assert (reply.status, len(reply.body)) == (200, 20 * 2**20)


async def test_settings_that_are_wrong_end_the_start_with_2_and_a_line_each(
    tmp_path: Path,
) -> None:
    variables = {
        "HTTP_PORT": 70_000,
        "UPLOAD_PARTS": 0,
        "KEYS_FILE": tmp_path / "nothing.json",
        "HTTP_PROT": 1,
    }
    async with gateway_process(variables) as gateway:
        _, errors = await gateway.process.communicate()

    assert gateway.process.returncode == 2
    first, *problems = errors.decode().splitlines()
    assert first == "mattebox-gateway cannot start:"
    assert [problem.removeprefix("  - MATTEBOX_GATEWAY_") for problem in problems] == [
        "HTTP_PROT is not a setting. Did you mean MATTEBOX_GATEWAY_HTTP_PORT?",
        "HTTP_PORT: Input should be less than or equal to 65535",
        "KEYS_FILE: Path does not point to a file",
        "UPLOAD_PARTS: Input should be greater than 0",
    ]


@pytest.fixture
def damaged_keys_file(keys_file: Path) -> Path:
    keys_file.write_text("no keys")
    return keys_file


async def test_a_damaged_keys_file_ends_the_start_with_2(damaged_keys_file: Path) -> None:
    async with gateway_process(settings_of(damaged_keys_file, "127.0.0.1:1")) as gateway:
        _, errors = await gateway.process.communicate()

    assert gateway.process.returncode == 2
    assert f"MATTEBOX_GATEWAY_KEYS_FILE: {damaged_keys_file} is no keys file" in errors.decode()


@pytest.mark.parametrize("variable", ["HTTP_PORT", "METRICS_PORT"])
async def test_a_port_that_is_taken_ends_the_start_with_2(
    keys_file: Path, key: str, variable: str
) -> None:
    assert key
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    settings = settings_of(keys_file, "127.0.0.1:1") | {variable: port}
    async with taken, gateway_process(settings) as gateway:
        _, errors = await gateway.process.communicate()

    assert gateway.process.returncode == 2
    assert str(port) in errors.decode()
    assert "Traceback" not in errors.decode()


async def _refuses_connections(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            return
        writer.close()
        await asyncio.wait([asyncio.create_task(writer.wait_closed())])
