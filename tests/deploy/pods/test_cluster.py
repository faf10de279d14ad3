"""The harness itself, on pods that are a few lines of Python."""

import socket
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.images import sandbox
from tests.deploy.images.sandbox import Mount
from tests.deploy.pods import namespaces
from tests.deploy.pods.cluster import Cluster, running
from tests.deploy.pods.controllers import StuckError
from tests.deploy.pods.stand_ins import StandIn

pytestmark = pytest.mark.slow

SERVER = """
import http.server, os, signal, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["HOSTNAME"].encode())
    def log_message(self, *_):
        pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Page).serve_forever()
"""
DEAF = SERVER.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
GREEDY = "kept = [b'x' * 2**20 for _ in range(256)]"
NAMES = "import socket, sys; print(*sorted({i[4][0] for i in socket.getaddrinfo(sys.argv[1], 1)}))"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if (reason := namespaces.why_not() or sandbox.why_not()) is not None:
        pytest.skip(reason)
    return tmp_path


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    objects = [*deployment("web", replicas=2), service("web"), service("direct", clusterIP="None")]
    with running(objects, folder, python_image, endpoint_lag_s=0.2) as cluster:
        cluster.start()
        cluster.await_ready()
        yield cluster


def test_a_service_leads_to_every_pod(cluster: Cluster) -> None:
    assert pages(cluster) == {pod.name for pod in cluster.pods}


def test_names_lead_to_services_and_to_pods_behind_them(cluster: Cluster) -> None:
    assert resolved(cluster, "web") == [cluster.service_address("web")]
    addresses = sorted(pod.address for pod in cluster.pods)
    assert resolved(cluster, "direct.default.svc.cluster.local") == addresses


def test_a_rollout_replaces_every_pod_and_endpoints_follow(cluster: Cluster) -> None:
    before = {pod.name for pod in cluster.pods}

    cluster.controller("web").roll()
    cluster.controller("web").await_ended()

    after = {pod.name for pod in cluster.pods}
    assert len(after) == 2
    assert not before & after
    assert pages(cluster) == after
    assert cluster.harms == Counter()


def test_pods_that_are_not_ready_are_behind_no_service_but_one_that_takes_them(
    folder: Path,
) -> None:
    never = {"exec": {"command": ["false"]}}
    objects = [
        *deployment("web", readinessProbe=never),
        service("ready", clusterIP="None"),
        service("all", clusterIP="None", publishNotReadyAddresses=True),
    ]
    with running(objects, folder, python_image) as cluster:
        cluster.start()
        (pod,) = cluster.pods
        cluster.watch.until(lambda: bool(pod.containers), cluster.report)
        assert resolved(cluster, "all") == [pod.address]
        assert resolved(cluster, "ready") == []


def test_a_policy_refuses_who_is_not_allowed(folder: Path) -> None:
    policy = {
        "kind": "NetworkPolicy",
        "metadata": {"name": "web"},
        "spec": {
            "podSelector": {},
            "ingress": [{"from": [{"podSelector": {"matchLabels": {"may": "call"}}}]}],
        },
    }
    with running([*deployment("web"), service("web"), policy], folder, python_image) as cluster:
        cluster.start()
        cluster.await_ready()  # probes come from the node, which no policy keeps out
        friend = cluster.guest("default", "friend", {"may": "call"})
        stranger = cluster.guest("default", "stranger")
        with friend.network.entered():
            socket.create_connection((cluster.service_address("web"), 80), 5).close()
        with stranger.network.entered(), pytest.raises(OSError, match="No route to host"):
            socket.create_connection((cluster.service_address("web"), 80), 5)


def test_who_does_not_end_in_time_is_killed_and_counted(folder: Path) -> None:
    objects = deployment("web", DEAF, grace_s=1)
    with running(objects, folder, python_image, endpoint_lag_s=0) as cluster:
        cluster.start()
        cluster.await_ready()
        cluster.controller("web").roll()
        cluster.controller("web").await_ended()
        assert cluster.harms == Counter(kills=1)


@pytest.mark.parametrize(
    "more",
    [
        {"livenessProbe": {"tcpSocket": {"port": 1}, "periodSeconds": 1, "failureThreshold": 1}},
        {"startupProbe": {"grpc": {"port": 8080}, "periodSeconds": 1, "failureThreshold": 1}},
        {"readinessProbe": {"httpGet": {"port": 1}}, "args": ["-c", "raise SystemExit(3)"]},
    ],
    ids=["not alive", "never starts", "ends"],
)
def test_a_container_that_fails_is_started_again(folder: Path, more: dict[str, Any]) -> None:
    with running(deployment("web", grace_s=1, **more), folder, python_image) as cluster:
        cluster.start()
        (pod,) = cluster.pods
        cluster.watch.until(lambda: pod.harms["restarts"] == 1, cluster.report)


def test_who_takes_more_memory_than_its_limit_is_killed(folder: Path) -> None:
    limits = {"limits": {"memory": "64Mi"}}
    with running(deployment("web", GREEDY, resources=limits), folder, python_image) as cluster:
        cluster.start()
        with pytest.raises(StuckError):
            cluster.await_ready()
        assert cluster.harms["oom_kills"] == 1


@pytest.mark.parametrize(
    "more",
    [
        {"env": [{"name": "N", "valueFrom": {"secretKeyRef": {"name": "no", "key": "no"}}}]},
        {"securityContext": {"readOnlyRootFilesystem": False}},
        {"securityContext": {"readOnlyRootFilesystem": True, "runAsNonRoot": True}},
    ],
)
def test_what_a_cluster_would_refuse_is_told(folder: Path, more: dict[str, Any]) -> None:
    with running(deployment("web", **more), folder, python_image) as cluster:
        cluster.start()
        with pytest.raises(StuckError, match="ManifestError"):
            cluster.await_ready()


def test_nothing_is_left_of_a_cluster(folder: Path) -> None:
    def traces() -> set[str]:
        names = {path.name for path in Path("/run/netns").glob(f"{namespaces.RUN}-*")}
        mounts = {line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()}
        return names | {mount for mount in mounts if Path(mount).is_relative_to(folder)}

    with running(deployment("web"), folder, python_image) as cluster:
        cluster.start()
        cluster.await_ready()
        assert len(traces()) > 3  # node, DNS and pod, and a volume
    assert not traces()


def pages(cluster: Cluster) -> set[str]:
    client = cluster.guest("", "client").network
    url = f"http://{cluster.service_address('web')}/"
    found = set()
    with client.entered():
        for _ in range(30):
            with urllib.request.urlopen(url, timeout=5) as answer:
                found.add(answer.read().decode())
    return found


def resolved(cluster: Cluster, name: str) -> list[str]:
    (pod, *_) = cluster.pods
    run = pod.containers["web"].process.run([python(), "-c", NAMES, name])
    return run.stdout.split()


def python() -> str:
    return str(Path(sys.base_prefix, "bin", "python3"))


def python_image(_image: str, folder: Path) -> StandIn:
    (folder / "usr" / "local").mkdir(parents=True, exist_ok=True)
    prefix = Path(sys.base_prefix)
    return StandIn(folder, (python(),), mounts=(Mount(prefix, str(prefix)),))


def deployment(
    name: str, program: str = SERVER, replicas: int = 1, grace_s: int = 30, **more: Any
) -> list[dict[str, Any]]:
    container = {
        "name": "web",
        "image": "web:1",
        "args": ["-c", program],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {
            "httpGet": {"port": "http"},
            "periodSeconds": 1,
            "failureThreshold": 30,
        },
        "securityContext": {"readOnlyRootFilesystem": True, "runAsUser": 4000, "runAsGroup": 4000},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - of the container
        **more,
    }
    spec = {
        "containers": [container],
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": grace_s,
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "1Mi"}}],
    }
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return [
        {
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": template,
            },
        }
    ]


def service(name: str, **more: Any) -> dict[str, Any]:
    ports = [{"port": 80, "targetPort": "http"}]
    return {
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": "web"}, "ports": ports, **more},
    }
