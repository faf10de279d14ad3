"""Pods are confined, and watched by probes that match the services."""

import pytest

from gateway import settings as gateway
from segmenter import settings as segmenter
from tests.deploy.manifests.environments import gateway_settings, segmenter_settings
from tests.deploy.manifests.quantities import in_bytes
from tests.deploy.manifests.rendering import (
    Object,
    container,
    containers,
    named,
    pod_spec,
    workloads,
)

_USERS = {
    "gateway": 65532,
    "segmenter": 65532,
    "models": 65532,
    "triton": 1000,
    "valkey": 999,
    "postgres": 999,
}
_LOOP_ANSWERS_WITHIN_S = 1
"""How long `/live` waits for the event loop before it says no."""


def test_pods_are_restricted(every: list[Object]) -> None:
    for workload in workloads(every):
        spec = pod_spec(workload)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC", "priorityClassName"} & spec.keys()
        for one in containers(workload):
            own = one["securityContext"]
            assert own["allowPrivilegeEscalation"] is False
            assert own["readOnlyRootFilesystem"] is True
            assert own["capabilities"] == {"drop": ["ALL"]}
            user = own.get("runAsUser", spec["securityContext"]["runAsUser"])
            assert user == _USERS[one["name"]]


def test_pods_know_nothing_of_the_cluster(every: list[Object]) -> None:
    for workload in workloads(every):
        spec = pod_spec(workload)
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        account = named(every, "ServiceAccount", spec["serviceAccountName"])
        assert account["automountServiceAccountToken"] is False


def test_what_can_be_written_is_bounded(every: list[Object]) -> None:
    for workload in workloads(every):
        for volume in pod_spec(workload).get("volumes", []):
            if "emptyDir" in volume:
                assert in_bytes(volume["emptyDir"]["sizeLimit"]) > 0
            else:
                assert volume.keys() == {"name", "secret"}
                assert volume["secret"]["defaultMode"] == 0o440


def test_triton_cannot_change_its_models(every: list[Object]) -> None:
    triton = named(every, "Deployment", "mattebox-triton")
    mounts = {mount["name"]: mount for mount in container(triton, "triton")["volumeMounts"]}
    [delivered] = container(triton, "models")["volumeMounts"]

    assert mounts["models"] == {"name": "models", "mountPath": "/models", "readOnly": True}
    assert delivered == {"name": "models", "mountPath": "/models"}


def test_memory_is_bounded_and_processor_time_is_not(every: list[Object]) -> None:
    for workload in workloads(every):
        for one in containers(workload):
            requests, limits = one["resources"]["requests"], one["resources"]["limits"]
            assert requests["memory"] == limits["memory"]
            assert "cpu" in requests
            assert "cpu" not in limits
            gpus = requests.get("nvidia.com/gpu")
            assert gpus == limits.get("nvidia.com/gpu")


def test_every_container_that_stays_has_three_probes(every: list[Object]) -> None:
    for workload in workloads(every):
        for one in containers(workload, init=False):
            for name in ("startupProbe", "readinessProbe", "livenessProbe"):
                assert one[name]["timeoutSeconds"] >= 3, (one["name"], name)
                assert one[name]["periodSeconds"] > 0


def test_liveness_is_another_question_than_readiness_and_slower_to_judge(
    every: list[Object],
) -> None:
    for workload in workloads(every):
        for one in containers(workload, init=False):
            live, ready = one["livenessProbe"], one["readinessProbe"]
            assert live.get("httpGet", live.get("tcpSocket")) != ready.get("httpGet", "")
            assert _judged_after_s(live) >= 4 * _judged_after_s(ready)


@pytest.mark.parametrize("name", ["gateway", "segmenter"])
def test_the_services_are_asked_on_their_port_of_metrics(objects: list[Object], name: str) -> None:
    one = container(named(objects, "Deployment", f"mattebox-{name}"), name)
    metrics: gateway.MetricsSettings | segmenter.MetricsSettings
    if name == "gateway":
        metrics = gateway_settings(objects).metrics
    else:
        metrics = segmenter_settings(objects).metrics

    assert one["startupProbe"]["httpGet"] == {"path": "/live", "port": "metrics"}
    assert one["livenessProbe"]["httpGet"] == {"path": "/live", "port": "metrics"}
    assert one["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "metrics"}
    assert _ports(one)["metrics"] == metrics.port
    assert metrics.host == "0.0.0.0"  # noqa: S104  in its pod
    assert one["livenessProbe"]["timeoutSeconds"] > _LOOP_ANSWERS_WITHIN_S


def test_the_services_listen_where_their_pods_say(objects: list[Object]) -> None:
    for_http = container(named(objects, "Deployment", "mattebox-gateway"), "gateway")
    for_grpc = container(named(objects, "Deployment", "mattebox-segmenter"), "segmenter")
    http, grpc = gateway_settings(objects).http, segmenter_settings(objects).grpc

    assert (http.host, http.port) == ("0.0.0.0", _ports(for_http)["http"])  # noqa: S104
    assert (grpc.host, grpc.port) == ("0.0.0.0", _ports(for_grpc)["grpc"])  # noqa: S104


def test_a_pod_that_drains_leaves_its_service_while_its_port_is_open(
    objects: list[Object],
) -> None:
    for name, delay_s in (
        ("gateway", gateway_settings(objects).http.drain_delay_s),
        ("segmenter", segmenter_settings(objects).grpc.drain_delay_s),
    ):
        one = container(named(objects, "Deployment", f"mattebox-{name}"), name)
        assert _judged_after_s(one["readinessProbe"]) < delay_s


def _ports(one: Object) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in one["ports"]}


def _judged_after_s(probe: Object) -> int:
    judged_s: int = probe["periodSeconds"] * probe["failureThreshold"]
    return judged_s
