"""The objects of a rendering, sorted by kind and read strictly."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tests.deploy.pods import without_a_cluster
from tests.deploy.pods.fields import Fields, ManifestError
from tests.deploy.pods.pod_spec import PodSpec, check_mounts, read_pod

Object = Mapping[str, Any]
Key = tuple[str, str]
"""Namespace and name."""

CLAIM_OF_EACH_POD = "claimOfEachPod"
"""The kind of volume that a StatefulSet's template of a claim makes."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment or a StatefulSet."""

    kind: Literal["Deployment", "StatefulSet"]
    namespace: str
    name: str
    replicas: int
    pod: PodSpec
    recreates: bool = False
    min_ready_s: float = 0.0
    """How long a pod has to be ready before the next old one may go."""
    max_surge: str | int = "25%"
    max_unavailable: str | int = "25%"
    in_parallel: bool = False


_AS_THEY_ARE = {
    "NetworkPolicy": "policies",
    "PersistentVolumeClaim": "claims",
    "PodMonitor": "monitors",
    "Service": "services",
    "ServiceAccount": "service_accounts",
}


@dataclass
class Objects:
    """What a rendering holds, by namespace and name. Some are read later, and stay as they are."""

    workloads: dict[Key, Workload] = field(default_factory=dict)
    services: dict[Key, Object] = field(default_factory=dict)
    policies: dict[Key, Object] = field(default_factory=dict)
    config_maps: dict[Key, Mapping[str, bytes]] = field(default_factory=dict)
    secrets: dict[Key, Mapping[str, bytes]] = field(default_factory=dict)
    claims: dict[Key, Object] = field(default_factory=dict)
    service_accounts: dict[Key, Object] = field(default_factory=dict)
    namespaces: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Their labels."""
    least_replicas: dict[Key, int] = field(default_factory=dict)
    """Of workloads with an autoscaler, of which nothing else is done."""
    monitors: dict[Key, Object] = field(default_factory=dict)
    """PodMonitors, which are not executed but tell a test where metrics are."""


def sorted_objects(rendered: Iterable[Object]) -> Objects:
    """Sorts objects by kind.

    Raises:
        ManifestError: one is of an unknown kind, or says what this harness does not know.
    """
    objects = Objects()
    for value in rendered:
        metadata = value["metadata"]
        key = metadata.get("namespace", "default"), metadata["name"]
        _put(objects, value["kind"], key, value)
    for key, least in objects.least_replicas.items():
        workload = objects.workloads[key]
        objects.workloads[key] = replace(workload, replicas=max(workload.replicas, least))
    for namespace, _ in (*objects.workloads, *objects.services):
        name = {"kubernetes.io/metadata.name": namespace}
        objects.namespaces[namespace] = {**objects.namespaces.get(namespace, {}), **name}
    return objects


def _put(objects: Objects, kind: str, key: Key, value: Object) -> None:
    if (as_it_is := _AS_THEY_ARE.get(kind)) is not None:
        getattr(objects, as_it_is)[key] = value
        return
    match kind:
        case "Deployment" | "StatefulSet":
            objects.workloads[key] = _workload(kind, key, value)
        case "ConfigMap":
            objects.config_maps[key] = _data(value, "binaryData")
        case "Secret":
            objects.secrets[key] = _data(value, "data")
        case "Namespace":
            objects.namespaces[key[1]] = value["metadata"].get("labels", {})
        case "HorizontalPodAutoscaler":
            target = value["spec"]["scaleTargetRef"]["name"]
            objects.least_replicas[key[0], target] = value["spec"].get("minReplicas", 1)
        case _ if kind not in without_a_cluster.KINDS:
            raise ManifestError(f"{kind} {key[1]}: objects of this kind are not known here")
        case _:
            return


def _data(value: Object, encoded: Literal["binaryData", "data"]) -> dict[str, bytes]:
    plain = value.get("stringData" if encoded == "data" else "data") or {}
    return {
        **{name: base64.b64decode(text) for name, text in (value.get(encoded) or {}).items()},
        **{name: text.encode() for name, text in plain.items()},
    }


def _workload(kind: Literal["Deployment", "StatefulSet"], key: Key, value: Object) -> Workload:
    where = f"{kind} {key[1]}"
    with Fields(value["spec"], where) as spec:
        pod = read_pod(spec.part("template"))
        _check_selector(spec.part("selector"), pod)
        spec.leave(without_a_cluster.WORKLOAD)
        spec.must_be("paused", False)
        replicas = int(spec.take("replicas", 1))
        common = (*key, replicas, pod)
        if kind == "Deployment":
            check_mounts(pod, where)
            with spec.part("strategy") as strategy, strategy.part("rollingUpdate") as rolling:
                return Workload(
                    kind,
                    *common,
                    recreates=strategy.take("type", "RollingUpdate") == "Recreate",
                    min_ready_s=float(spec.take("minReadySeconds", 0)),
                    max_surge=rolling.take("maxSurge", "25%"),
                    max_unavailable=rolling.take("maxUnavailable", "25%"),
                )
        return _stateful_set(spec, common)


def _stateful_set(spec: Fields, common: tuple[str, str, int, PodSpec]) -> Workload:
    with spec.part("updateStrategy") as strategy:
        strategy.must_be("type", "RollingUpdate")
    spec.leave(["persistentVolumeClaimRetentionPolicy"])
    names = [claim["metadata"]["name"] for claim in spec.take("volumeClaimTemplates", [])]
    claims = {name: {"name": name, CLAIM_OF_EACH_POD: name} for name in names}
    namespace, name, replicas, pod = common
    subdomain = spec.take("serviceName", "")
    pod = replace(pod, volumes={**pod.volumes, **claims}, subdomain=subdomain)
    check_mounts(pod, spec.where)
    return Workload(
        "StatefulSet",
        namespace,
        name,
        replicas,
        pod,
        in_parallel=spec.take("podManagementPolicy", "OrderedReady") == "Parallel",
    )


def _check_selector(fields: Fields, pod: PodSpec) -> None:
    with fields:
        wanted = fields.strings("matchLabels")
    if not wanted or not wanted.items() <= pod.labels.items():
        raise ManifestError(f"{fields.where}: selects {wanted}, its pods have {dict(pod.labels)}")
