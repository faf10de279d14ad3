"""The overlay `ha` run as it is rendered: real Tritons, Valkey, and a PostgreSQL outside."""

import io
import json
import socket
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from benchmarks.pictures import enlarged_jpeg
from PIL import Image

from tests.deploy.pods.load import load
from tests.deploy.pods.mattebox import NAMESPACE, Mattebox, deployed, skip_where_impossible
from tests.deploy.pods.membership import Guest
from tests.deploy.pods.namespaces import Namespace
from tests.deploy.pods.pod import Pod

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

COMPONENTS = ("gateway", "segmenter", "triton")
FEW = 10
LIMIT = 5
PATIENCE_S = 150.0
REFUSED_BY_A_POLICY = "No route to host"


@pytest.fixture(scope="module")
def mattebox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mattebox]:
    skip_where_impossible()
    with deployed("ha", tmp_path_factory.mktemp("ha")) as running:
        running.make_account()
        yield running


@pytest.fixture(scope="module")
def key(mattebox: Mattebox) -> str:
    return mattebox.make_key("--mode", "admin", "--quiet")


@pytest.fixture(scope="module")
def picture() -> bytes:
    return enlarged_jpeg(0.02)


def test_a_picture_is_cut_out(mattebox: Mattebox, key: str, picture: bytes) -> None:
    answer = mattebox.sent(key, picture)

    assert answer.status == "200", answer.body
    with Image.open(io.BytesIO(answer.body), formats=["PNG"]) as cut_out:
        assert cut_out.mode == "RGBA"
        alpha_u8 = np.asarray(cut_out.getchannel("A"))
    with Image.open(io.BytesIO(picture)) as source:
        assert cut_out.size == source.size
    assert alpha_u8.min() == 0
    assert alpha_u8.max() == 255


def test_gateways_count_a_keys_rate_together(mattebox: Mattebox, picture: bytes) -> None:
    key = mattebox.make_key("--rate", f"{LIMIT}/minute", "--quiet")

    statuses = Counter(mattebox.sent(key, picture).status for _ in range(3 * LIMIT))

    assert statuses == {"200": LIMIT, "429": 2 * LIMIT}
    assert [each["mattebox_gateway_limiter_degraded"] for each in mattebox.metrics("gateway")] == [
        0.0,
        0.0,
    ]
    counted = mattebox.process("valkey").run(["valkey-cli", "dbsize"])
    assert int(counted.stdout) > 0, counted


def test_policies_let_each_speak_to_the_next_alone(mattebox: Mattebox) -> None:
    (gateway, *_), (segmenter, *_), (triton, *_), (valkey,) = (
        mattebox.pods(name) for name in (*COMPONENTS, "valkey")
    )
    (database,) = (pod for pod in mattebox.cluster.all_pods if not pod.namespace)
    neighbour = mattebox.cluster.guest(NAMESPACE, "neighbour").network
    stranger = mattebox.cluster.guest("default", "stranger", dict(gateway.spec.labels)).network
    client, prometheus = mattebox.client.network, mattebox.prometheus.network

    allowed = {
        "gateway to segmenter": outcome(gateway.network, segmenter, 50051),
        "gateway to valkey": outcome(gateway.network, valkey, 6379),
        "gateway to database": outcome(gateway.network, database, 5432),
        "segmenter to triton": outcome(segmenter.network, triton, 8001),
        "client to gateway": outcome(client, gateway, 8080),
        "prometheus to gateway": outcome(prometheus, gateway, 9090),
        "prometheus to segmenter": outcome(prometheus, segmenter, 9091),
        "prometheus to triton": outcome(prometheus, triton, 8002),
    }
    forbidden = {
        "gateway to triton": outcome(gateway.network, triton, 8001),
        "gateway to metrics of a segmenter": outcome(gateway.network, segmenter, 9091),
        "segmenter to gateway": outcome(segmenter.network, gateway, 8080),
        "segmenter to database": outcome(segmenter.network, database, 5432),
        "triton to segmenter": outcome(triton.network, segmenter, 50051),
        "triton to client": outcome(triton.network, mattebox.client, 80),
        "segmenter to triton over HTTP": outcome(segmenter.network, triton, 8000),
        "neighbour to segmenter": outcome(neighbour, segmenter, 50051),
        "neighbour to valkey": outcome(neighbour, valkey, 6379),
        "stranger to segmenter": outcome(stranger, segmenter, 50051),
        "stranger to triton": outcome(stranger, triton, 8001),
        "client to metrics": outcome(client, gateway, 9090),
        "prometheus to segmenter's calls": outcome(prometheus, segmenter, 50051),
    }

    assert allowed == dict.fromkeys(allowed, "connected")
    assert forbidden == dict.fromkeys(forbidden, REFUSED_BY_A_POLICY)


def test_rollouts_of_every_deployment_lose_no_request(
    mattebox: Mattebox, key: str, picture: bytes
) -> None:
    with mattebox.client.network.entered(), load(mattebox.service(key), picture) as clients:
        clients.await_outcomes(FEW)
        for name in COMPONENTS:
            before = mattebox.pods(name)
            mattebox.cluster.controller(f"mattebox-{name}").roll()
            assert not set(before) & set(mattebox.pods(name))
            clients.await_outcomes(FEW)
        for name in COMPONENTS:
            mattebox.cluster.controller(f"mattebox-{name}").await_ended()
        clients.await_outcomes(FEW)
        outcomes = clients.stop()

    assert [(each.status, each.body) for each in outcomes if each.status != "200"] == []


def test_every_pod_does_some_of_the_work(mattebox: Mattebox, key: str, picture: bytes) -> None:
    samples = {
        "gateway": "mattebox_gateway_images_total",
        "segmenter": "mattebox_segmenter_cut_out_megapixels_count",
        "triton": "nv_inference_request_success_total",
    }
    before = {name: mattebox.metrics(name) for name in COMPONENTS}
    idle = set(COMPONENTS)

    # Callers hear of pods that came later when connections are made anew.
    give_up_s = time.monotonic() + PATIENCE_S
    while idle:
        assert time.monotonic() < give_up_s, idle
        assert mattebox.sent(key, picture).status == "200"
        for name in tuple(idle):
            pairs = zip(before[name], mattebox.metrics(name), strict=True)
            if all(grown(samples[name], *pair) > 0 for pair in pairs):
                idle.remove(name)


def test_nothing_was_killed_or_started_again(mattebox: Mattebox) -> None:
    assert mattebox.cluster.harms == Counter()


def test_no_log_line_is_anything_but_json(mattebox: Mattebox) -> None:
    for pod in mattebox.cluster.all_pods:
        for container, text in pod.logs.items():
            if container in ("gateway", "segmenter"):
                lines = text.splitlines()
                assert lines, pod.name
                assert all(isinstance(json.loads(line), dict) for line in lines)
                assert "Read-only file system" not in text


@pytest.mark.parametrize("component", [*COMPONENTS, "valkey"])
def test_root_cannot_be_written_to(mattebox: Mattebox, component: str) -> None:
    for folder in ("/", "/etc", "/opt", "/usr", "/var"):
        run = mattebox.process(component).run(["touch", f"{folder}/file"])
        assert "Read-only file system" in run.stderr, (folder, run)


def grown(sample: str, old: dict[str, float], new: dict[str, float]) -> float:
    """By how much a sample grew, which may not have been there before its first event."""
    return new.get(sample, 0.0) - old.get(sample, 0.0)


def outcome(caller: Namespace, called: Pod | Guest, port: int) -> str:
    """What becomes of a connection."""
    address = called.address if isinstance(called, Pod) else called.member.address
    with caller.entered():
        try:
            socket.create_connection((address, port), timeout=5).close()
        except OSError as error:
            return error.strerror or type(error).__name__
    return "connected"
