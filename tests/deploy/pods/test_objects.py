"""Objects are read strictly: nothing that matters passes unread."""

import copy
from typing import Any

import pytest

from tests.deploy.manifests.rendering import OVERLAYS, rendered
from tests.deploy.pods.fields import ManifestError
from tests.deploy.pods.objects import sorted_objects
from tests.deploy.pods.quantities import quantity, share, whole

DEPLOYMENT: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "automountServiceAccountToken": False,
                "affinity": {},
                "containers": [
                    {
                        "name": "web",
                        "image": "web:1",
                        "ports": [{"name": "http", "containerPort": 8080}],
                        "readinessProbe": {"httpGet": {"port": "http"}},
                        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
                    }
                ],
                "volumes": [{"name": "tmp", "emptyDir": {}}],
            },
        },
    },
}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_overlay_is_understood(overlay: str) -> None:
    assert sorted_objects(rendered(overlay)).workloads


def test_probes_have_the_defaults_of_kubernetes() -> None:
    (workload,) = sorted_objects([DEPLOYMENT]).workloads.values()
    probe = workload.pod.containers[0].readiness

    assert probe is not None
    assert (probe.handler.port, probe.handler.path) == (8080, "/")
    assert (probe.initial_delay_s, probe.period_s, probe.timeout_s) == (0, 10, 1)
    assert (probe.successes, probe.failures) == (1, 3)
    assert (workload.pod.grace_s, workload.pod.service_links) == (30, True)


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("spec", "unknown", 1),
        ("spec.template.spec", "unknown", 1),
        ("spec.template.spec", "hostNetwork", True),
        ("spec.template.spec", "restartPolicy", "Never"),
        ("spec.template.spec", "volumes", []),
        ("spec.template.spec.containers.0", "unknown", 1),
        ("spec.template.spec.containers.0", "ports", []),
        ("spec.template.spec.containers.0.readinessProbe", "unknown", 1),
        ("spec.template.spec.containers.0.readinessProbe", "httpGet", {"port": "metrics"}),
        ("spec.template.spec.containers.0.volumeMounts.0", "unknown", 1),
        ("spec.selector", "matchLabels", {"app": "other"}),
        ("", "kind", "DaemonSet"),
    ],
)
def test_what_is_not_understood_is_an_error(place: str, name: str, value: object) -> None:
    changed: Any = copy.deepcopy(DEPLOYMENT)
    inner = changed
    for step in filter(None, place.split(".")):
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[name] = value

    with pytest.raises(ManifestError):
        sorted_objects([changed])


def test_an_autoscaler_holds_its_least_number() -> None:
    target = {"name": "web"}
    autoscaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": target, "minReplicas": 3},
    }

    (workload,) = sorted_objects([autoscaler, DEPLOYMENT]).workloads.values()

    assert workload.replicas == 3


@pytest.mark.parametrize(
    ("text", "number"), [("500m", 0.5), ("2", 2), (2, 2), ("64Mi", 64 * 2**20), ("1.5G", 1.5e9)]
)
def test_quantities_have_units(text: str | int, number: float) -> None:
    assert quantity(text) == number


@pytest.mark.parametrize("text", ["", "Mi", "1 Mi", "1Q"])
def test_what_is_no_quantity_is_an_error(text: str) -> None:
    with pytest.raises(ManifestError):
        quantity(text)


def test_shares_are_rounded() -> None:
    assert (share("25%", 2, up=True), share("25%", 2, up=False), share(1, 2, up=True)) == (1, 0, 1)
    assert whole("1500m") == 2
