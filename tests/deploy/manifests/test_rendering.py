"""Every overlay, and every component alone, renders with the kubectl that operators run."""

from collections.abc import Callable

import pytest
import yaml

from tests.deploy.manifests.rendering import (
    COMPONENTS,
    KUSTOMIZE,
    ROOT,
    SERVICES,
    Object,
    containers,
    named,
    of_kind,
    parsed,
    pod_spec,
    rendered,
    replicas,
    workloads,
)

_DEPRECATED = {"bases", "commonLabels", "patchesJson6902", "patchesStrategicMerge", "vars"}


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_renders_alone_over_the_base(
    component_text: Callable[[str], str], component: str
) -> None:
    objects = parsed(component_text(component))

    assert {one["metadata"]["name"] for one in workloads(objects)} >= set(SERVICES)


def test_no_two_objects_are_one(every: list[Object]) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in every]

    assert len(set(names)) == len(names)


def test_all_of_an_overlay_is_in_its_namespace(objects: list[Object]) -> None:
    namespaces = {one["metadata"].get("namespace") for one in objects if one["kind"] != "Namespace"}

    assert namespaces == {"mattebox"}
    [namespace] = of_kind(objects, "Namespace")
    assert namespace["metadata"]["name"] == "mattebox"
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_everything_is_labelled(every: list[Object]) -> None:
    for one in every:
        assert one["metadata"]["labels"]["app.kubernetes.io/part-of"] == "mattebox", one
    for service in SERVICES:
        deployment = named(every, "Deployment", service)
        for labels in (
            deployment["metadata"]["labels"],
            deployment["spec"]["template"]["metadata"]["labels"],
        ):
            assert labels["app.kubernetes.io/version"] == _version()


def test_the_version_is_in_no_selector(every: list[Object]) -> None:
    for workload in workloads(every):
        selector = workload["spec"]["selector"]["matchLabels"]
        assert set(selector) == {"app.kubernetes.io/name", "app.kubernetes.io/component"}


def test_images_carry_the_projects_version_or_a_fixed_tag(every: list[Object]) -> None:
    for workload in workloads(every):
        for container in containers(workload):
            name, _, tag = container["image"].partition(":")
            assert tag not in ("", "latest"), container["image"]
            assert container["imagePullPolicy"] == "IfNotPresent"
            if name.startswith("mattebox-"):
                assert tag == _version()


def test_as_many_as_each_overlay_says() -> None:
    assert {
        name: [replicas(rendered(name), service) for service in SERVICES]
        for name in ("cpu-small", "gpu", "ha")
    } == {"cpu-small": [1, 1, 1], "gpu": [2, 2, 1], "ha": [2, 2, 2]}


def test_old_pods_go_when_new_ones_are_ready(objects: list[Object]) -> None:
    for service in SERVICES:
        deployment = named(objects, "Deployment", service)
        on_gpu = "nvidia.com/gpu" in str(pod_spec(deployment)["containers"])
        expected = (
            {"maxUnavailable": 1, "maxSurge": 0}
            if on_gpu
            else {
                "maxUnavailable": 0,
                "maxSurge": 1,
            }
        )
        assert deployment["spec"]["strategy"] == {
            "type": "RollingUpdate",
            "rollingUpdate": expected,
        }
        assert deployment["spec"]["revisionHistoryLimit"] > 0
        budget = named(objects, "PodDisruptionBudget", service)
        assert budget["spec"]["maxUnavailable"] == 1


def test_replicas_spread_over_zones_and_hosts(objects: list[Object]) -> None:
    for service in SERVICES:
        deployment = named(objects, "Deployment", service)
        spread = pod_spec(deployment)["topologySpreadConstraints"]
        assert [one["topologyKey"] for one in spread] == [
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        ]
        selector = deployment["spec"]["selector"]
        assert all(one["labelSelector"] == selector for one in spread)


def test_what_scales_is_scaled_by_one_alone(every: list[Object]) -> None:
    scalers = of_kind(every, "HorizontalPodAutoscaler", "ScaledObject")
    targets = [one["spec"]["scaleTargetRef"]["name"] for one in scalers]

    assert len(set(targets)) == len(targets)
    for target in targets:
        assert "replicas" not in named(every, "Deployment", target)["spec"]


def test_a_gpu_is_not_scaled_by_processor_time(every: list[Object]) -> None:
    triton = named(every, "Deployment", "mattebox-triton")
    scaled = {
        one["spec"]["scaleTargetRef"]["name"] for one in of_kind(every, "HorizontalPodAutoscaler")
    }

    assert "nvidia.com/gpu" not in str(triton) or "mattebox-triton" not in scaled


def test_a_prometheus_that_is_lost_scales_nothing_down(
    component_text: Callable[[str], str],
) -> None:
    scalers = of_kind(parsed(component_text("keda")), "ScaledObject")

    assert len(scalers) == len(SERVICES)
    for scaler in scalers:
        advanced = scaler["spec"]["advanced"]["horizontalPodAutoscalerConfig"]
        assert advanced["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300
        for trigger in scaler["spec"]["triggers"]:
            if trigger["type"] == "prometheus":
                assert trigger["metadata"]["ignoreNullValues"] == "false"


def test_kustomizations_have_no_deprecated_fields() -> None:
    files = list(KUSTOMIZE.rglob("kustomization.yaml"))

    assert len(files) == 1 + len(COMPONENTS) + 3
    for file in files:
        assert not _DEPRECATED & yaml.safe_load(file.read_text()).keys(), file


def _version() -> str:
    text = (ROOT / "pyproject.toml").read_text()
    return text.partition('version = "')[2].partition('"')[0]
