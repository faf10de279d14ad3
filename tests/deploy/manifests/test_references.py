"""All that an object names is there: in the same rendering, or a Secret that operators make."""

import re
from collections.abc import Iterable, Iterator

from tests.deploy.manifests.environments import SECRETS, variables
from tests.deploy.manifests.rendering import (
    KUSTOMIZE,
    Object,
    containers,
    named,
    of_kind,
    pod_spec,
    workloads,
)

_OPTIONAL_PEERS = {"valkey", "postgres"}
"""Components that network policies speak of whether or not they are there."""


def test_services_lead_to_ports_of_pods(every: list[Object]) -> None:
    for service in of_kind(every, "Service"):
        found = list(_selected(every, service["spec"]["selector"]))
        assert len(found) == 1, service["metadata"]["name"]
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in _ports(found[0])


def test_probes_ask_ports_of_their_containers(every: list[Object]) -> None:
    for workload in workloads(every):
        for one in containers(workload, init=False):
            names = {port["name"] for port in one["ports"]}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                action = one[probe].get("httpGet") or one[probe].get("tcpSocket")
                assert action is None or action["port"] in names


def test_budgets_and_monitors_find_their_pods(every: list[Object]) -> None:
    for one in of_kind(every, "PodDisruptionBudget", "PodMonitor"):
        [workload] = _selected(every, one["spec"]["selector"]["matchLabels"])
        assert workload["metadata"]["name"] == one["metadata"]["name"]
        for endpoint in one["spec"].get("podMetricsEndpoints", []):
            assert endpoint["port"] in _ports(workload)


def test_policies_speak_of_pods_that_there_are(every: list[Object]) -> None:
    for policy in of_kind(every, "NetworkPolicy"):
        spec = policy["spec"]
        selectors = [spec["podSelector"]]
        for rule in [*spec.get("ingress", []), *spec.get("egress", [])]:
            peers = [*rule.get("from", []), *rule.get("to", [])]
            selectors += [p["podSelector"] for p in peers if p.keys() == {"podSelector"}]
        for selector in selectors:
            labels = selector.get("matchLabels", {})
            found = list(_selected(every, labels))
            assert found or labels["app.kubernetes.io/component"] in _OPTIONAL_PEERS, labels


def test_ports_of_policies_are_ports_of_pods(every: list[Object]) -> None:
    ports = {port for workload in workloads(every) for port in _ports(workload)}
    for policy in of_kind(every, "NetworkPolicy"):
        for rule in [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]:
            for port in rule.get("ports", []):
                assert isinstance(port["port"], int) or port["port"] in ports


def test_scalers_find_what_they_scale(every: list[Object]) -> None:
    for scaler in of_kind(every, "HorizontalPodAutoscaler", "ScaledObject"):
        target = scaler["spec"]["scaleTargetRef"]
        assert target["apiVersion"] == "apps/v1"
        named(every, target["kind"], target["name"])


def test_routes_lead_to_services(every: list[Object]) -> None:
    backends = []
    for ingress in of_kind(every, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                backends.append((service["name"], service["port"]["name"]))
    for route in of_kind(every, "HTTPRoute"):
        for rule in route["spec"]["rules"]:
            backends += [(backend["name"], backend["port"]) for backend in rule["backendRefs"]]
    for name, port in backends:
        ports = named(every, "Service", name)["spec"]["ports"]
        assert port in {one["name"] for one in ports} | {one["port"] for one in ports}


def test_addresses_in_settings_are_services(every: list[Object]) -> None:
    for workload in workloads(every):
        for one in containers(workload):
            for value in variables(every, workload, one["name"]).values():
                for name, port in re.findall(
                    r"//(mattebox-[a-z]+):(\d+)", value.replace("///", "//")
                ):
                    service = named(every, "Service", name)
                    assert int(port) in {a_port["port"] for a_port in service["spec"]["ports"]}
                    is_headless = service["spec"].get("clusterIP") == "None"
                    assert is_headless == value.startswith("dns:///")


def test_mounts_are_volumes_and_volumes_are_mounted(every: list[Object]) -> None:
    for workload in workloads(every):
        claims = workload["spec"].get("volumeClaimTemplates", [])
        volumes = [v["name"] for v in pod_spec(workload).get("volumes", [])]
        volumes += [claim["metadata"]["name"] for claim in claims]
        mounted = {m["name"] for one in containers(workload) for m in one.get("volumeMounts", [])}
        assert mounted == set(volumes)


def test_secrets_are_those_that_operators_are_asked_for(every: list[Object]) -> None:
    manual = (KUSTOMIZE / "README.md").read_text()
    for workload in workloads(every):
        for secret, key in _secrets(workload):
            assert (secret, key) in SECRETS
            assert re.search(rf"secret generic {secret}\b.*--from-literal={key}=", manual)
    for ingress in of_kind(every, "Ingress"):
        for tls in ingress["spec"]["tls"]:
            assert f"secret tls {tls['secretName']}" in manual


def _secrets(workload: Object) -> Iterator[tuple[str, str]]:
    for volume in pod_spec(workload).get("volumes", []):
        if "secret" in volume:
            for item in volume["secret"]["items"]:
                yield volume["secret"]["secretName"], item["key"]
    for one in containers(workload):
        for entry in one.get("env", []):
            if "valueFrom" in entry:
                reference = entry["valueFrom"]["secretKeyRef"]
                yield reference["name"], reference["key"]


def _selected(objects: Iterable[Object], labels: dict[str, str]) -> Iterator[Object]:
    for workload in workloads(objects):
        if labels.items() <= workload["spec"]["template"]["metadata"]["labels"].items():
            yield workload


def _ports(workload: Object) -> set[str]:
    return {port["name"] for one in containers(workload) for port in one.get("ports", [])}
