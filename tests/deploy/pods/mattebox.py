"""An overlay in a cluster, with what its operator gives it, used as its operator would."""

import http.client
import secrets
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from benchmarks.load.client import Client, Service, mattebox_service
from benchmarks.load.outcome import Outcome
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.images import sandbox
from tests.deploy.manifests.rendering import rendered
from tests.deploy.pods import namespaces, stand_ins
from tests.deploy.pods.cluster import Cluster, running
from tests.deploy.pods.membership import Guest
from tests.deploy.pods.objects import Object
from tests.deploy.pods.pod import Pod
from tests.deploy.pods.process import Process

NAMESPACE = "mattebox"
DATABASE = "database.example"
_TIMEOUT_S = 60.0
_PATIENCE_S = 150.0
_LOOK_S = 0.1
_ANSWERS_IN_A_ROW = 10
"""So many that each gateway is among those that gave one."""
_ACCOUNT = "ann@example.com"


@dataclass(frozen=True, slots=True)
class Mattebox:
    """A running overlay."""

    cluster: Cluster
    client: Guest
    """Somebody outside, who may reach what the Service of the gateways leads to."""
    prometheus: Guest

    def pods(self, component: str) -> list[Pod]:
        """Those of a component."""
        return list(self.cluster.controller(f"mattebox-{component}").pods)

    def process(self, component: str) -> Process:
        """A container of a component, as `kubectl exec deploy/…` finds one."""
        (container, *_) = self.pods(component)[0].containers.values()
        return container.process

    def make_account(self) -> None:
        """Makes the account that all keys are of."""
        _done(self.process("gateway").run(["mattebox", "accounts", "create", _ACCOUNT]))

    def make_key(self, *options: str) -> str:
        """Makes a key."""
        command = ["mattebox", "keys", "create", "--account", _ACCOUNT, *options]
        return _done(self.process("gateway").run(command)).strip()

    def service(self, key: str) -> Service:
        """Where pictures are sent to."""
        address = self.cluster.service_address("mattebox-gateway")
        return mattebox_service(f"http://{address}:80", key)

    def await_serving(self) -> None:
        """Waits until requests can be served, which needs gateways that have found segmenters."""
        url = f"{self.service('').url}/v2/health"
        give_up_s = time.monotonic() + _PATIENCE_S
        with self.client.network.entered():
            in_a_row = 0
            while in_a_row < _ANSWERS_IN_A_ROW:
                assert time.monotonic() < give_up_s, self.cluster.report()
                in_a_row = in_a_row + 1 if _is_healthy(url) else 0
                time.sleep(_LOOK_S)

    def sent(self, key: str, picture: bytes) -> Outcome:
        """Sends a picture on a connection of its own."""
        service = self.service(key)
        with self.client.network.entered(), Client(service, _TIMEOUT_S) as client:
            return client.send(service.body(picture), keep_body=True)

    def metrics(self, component: str) -> list[dict[str, float]]:
        """What each pod of a component counts, by sample name, read as its PodMonitor says."""
        monitor = self.cluster.objects.monitors[NAMESPACE, f"mattebox-{component}"]["spec"]
        (endpoint,) = monitor["podMetricsEndpoints"]
        wanted: Mapping[str, str] = monitor["selector"]["matchLabels"]
        pods = [pod for pod in self.cluster.pods if wanted.items() <= pod.spec.labels.items()]
        assert {pod.name for pod in pods} == {pod.name for pod in self.pods(component)}
        with self.prometheus.network.entered():
            return [_scraped(pod, endpoint) for pod in pods]


@contextmanager
def deployed(overlay: str, folder: Path, *more: Object) -> Iterator[Mattebox]:
    """Has an overlay for a block, with its Secrets, and further objects of its operator's."""
    url = f"postgresql://mattebox:{_PASSWORD}@"
    own_database = overlay != "ha"
    place = "mattebox-postgres" if own_database else DATABASE
    operators = [
        secret("mattebox-keys", pepper=secrets.token_hex(32)),
        secret("mattebox-database", url=f"{url}{place}/mattebox"),
        secret("mattebox-postgres", password=_PASSWORD),
        *more,
    ]
    with running([*rendered(overlay), *operators], folder) as cluster:
        if not own_database:
            cluster.outside(DATABASE, _DATABASE)
        cluster.start()
        cluster.await_ready()
        mattebox = Mattebox(
            cluster, cluster.guest("", "client"), cluster.guest("monitoring", "prometheus")
        )
        mattebox.await_serving()
        yield mattebox


def skip_where_impossible() -> None:
    """Skips where no cluster can be made here, and says why."""
    if (reason := namespaces.why_not() or sandbox.why_not() or stand_ins.why_not()) is not None:
        pytest.skip(reason)


def secret(name: str, **values: str) -> Object:
    """A Secret as `kubectl create secret generic` makes it."""
    metadata = {"namespace": NAMESPACE, "name": name}
    return {"kind": "Secret", "metadata": metadata, "stringData": values}


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def _scraped(pod: Pod, endpoint: Mapping[str, Any]) -> dict[str, float]:
    port = pod.spec.ports[endpoint["port"]]
    with urllib.request.urlopen(
        f"http://{pod.address}:{port}{endpoint['path']}", timeout=_TIMEOUT_S
    ) as page:
        families = text_string_to_metric_families(page.read().decode())
    found: dict[str, float] = {}
    for family in families:
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


def _done(run: "subprocess.CompletedProcess[str]") -> str:
    assert run.returncode == 0, run.stderr
    return run.stdout


_PASSWORD = secrets.token_hex(12)
_DATABASE: Object = {
    "spec": {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsUser": 999, "runAsGroup": 999},
        "containers": [
            {
                "name": "postgres",
                "image": "postgres:17",
                "env": [
                    {"name": "POSTGRES_USER", "value": "mattebox"},
                    {"name": "POSTGRES_PASSWORD", "value": _PASSWORD},
                    {"name": "PGDATA", "value": "/data/pg"},
                ],
                "readinessProbe": {
                    "exec": {"command": ["pg_isready", "--host=127.0.0.1"]},
                    "periodSeconds": 1,
                    "failureThreshold": 60,
                },
                "securityContext": {"readOnlyRootFilesystem": True},
                "volumeMounts": [
                    {"name": "data", "mountPath": "/data"},
                    {"name": "run", "mountPath": "/var/run/postgresql"},
                ],
            }
        ],
        "volumes": [{"name": "data", "emptyDir": {}}, {"name": "run", "emptyDir": {}}],
    }
}
