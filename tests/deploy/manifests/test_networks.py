"""Who may speak to whom: nobody else, and outside public addresses alone, as the gateway judges."""

from ipaddress import ip_network
from typing import Any

from gateway.fetch.addresses import TABLE, Network, is_public
from tests.deploy.manifests.environments import gateway_settings
from tests.deploy.manifests.rendering import Object, named, of_kind, workloads

_COMPONENT = "app.kubernetes.io/component"

_TRACES = (4317, 4318)
_NAMES = {53, 5353}
_STORES = {"valkey": 6379, "postgres": 5432}

Way = tuple[str, str, str | int]
"""From which component, to which, at which port."""


def test_nothing_passes_that_is_not_let(objects: list[Object]) -> None:
    spec = named(objects, "NetworkPolicy", "mattebox-default-deny")["spec"]

    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_calls_go_one_way(objects: list[Object]) -> None:
    stores = {store: port for store, port in _STORES.items() if _is_there(objects, store)}
    calls = {("gateway", "segmenter", "grpc"), ("segmenter", "triton", "grpc")}

    assert _let_in(objects) == {
        ("anybody", "gateway", "http"),
        *calls,
        *(("gateway", store, store) for store in stores),
        *(("monitoring", name, "metrics") for name in ("gateway", "segmenter", "triton")),
    }
    inside = {way for way in _let_out(objects) if not set("./:") & set(way[1])}
    assert inside == {
        *calls,
        *(("gateway", store, port) for store, port in _STORES.items()),
        *(("", "anybody", port) for port in _NAMES),
        *(("", "monitoring", port) for port in _TRACES),
    }


def test_only_gateways_leave_the_cluster(objects: list[Object]) -> None:
    for policy in of_kind(objects, "NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            is_of_names = {port["port"] for port in rule["ports"]} == _NAMES
            leaves = "to" not in rule or any("ipBlock" in peer for peer in rule["to"])
            assert is_of_names or not leaves or _subject(policy) == "gateway"


def test_images_come_from_where_the_gateway_itself_would_fetch_them(
    objects: list[Object],
) -> None:
    [rule] = named(objects, "NetworkPolicy", "mattebox-gateway-images")["spec"]["egress"]
    let = [
        (ip_network(peer["ipBlock"]["cidr"]), [ip_network(c) for c in peer["ipBlock"]["except"]])
        for peer in rule["to"]
    ]

    for network in [*map(ip_network, TABLE), *(n for cidr, out in let for n in [cidr, *out])]:
        for address in (network[0], network[-1]):
            passes = any(
                address in cidr and not any(address in one for one in out) for cidr, out in let
            )
            assert passes == is_public(address), address


def test_what_is_left_out_lies_within_what_is_let(objects: list[Object]) -> None:
    [rule] = named(objects, "NetworkPolicy", "mattebox-gateway-images")["spec"]["egress"]

    for peer in rule["to"]:
        cidr = ip_network(peer["ipBlock"]["cidr"])
        assert all(_within(ip_network(one), cidr) for one in peer["ipBlock"]["except"])


def test_images_come_over_the_ports_that_the_gateway_takes(objects: list[Object]) -> None:
    [rule] = named(objects, "NetworkPolicy", "mattebox-gateway-images")["spec"]["egress"]

    assert tuple(p["port"] for p in rule["ports"]) == gateway_settings(objects).fetch.ports


def test_every_component_is_guarded_in_both_directions(objects: list[Object]) -> None:
    guarded_ones = {
        _subject(policy)
        for policy in of_kind(objects, "NetworkPolicy")
        if policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    }

    components = {workload["metadata"]["labels"][_COMPONENT] for workload in workloads(objects)}
    assert guarded_ones == {"", *components}


def _is_there(objects: list[Object], component: str) -> bool:
    return any(w["metadata"]["labels"][_COMPONENT] == component for w in workloads(objects))


def _within(network: Network, other: Network) -> bool:
    return network.version == other.version and (
        int(other[0]) <= int(network[0]) and int(network[-1]) <= int(other[-1])
    )


def _let_in(objects: list[Object]) -> set[Way]:
    return {
        (peer, _subject(policy), port["port"])
        for policy in of_kind(objects, "NetworkPolicy")
        for rule in policy["spec"].get("ingress", [])
        for peer in _peers(rule.get("from", [{}]))
        for port in rule["ports"]
    }


def _let_out(objects: list[Object]) -> set[Way]:
    return {
        (_subject(policy), peer, port["port"])
        for policy in of_kind(objects, "NetworkPolicy")
        for rule in policy["spec"].get("egress", [])
        for peer in _peers(rule.get("to", [{}]))
        for port in rule["ports"]
    }


def _subject(policy: Object) -> str:
    labels: dict[str, str] = policy["spec"]["podSelector"].get("matchLabels", {})
    return labels.get(_COMPONENT, "")


def _peers(peers: list[dict[str, Any]]) -> list[str]:
    return [_peer(peer) for peer in peers]


def _peer(peer: dict[str, Any]) -> str:
    match peer:
        case {"namespaceSelector": {"matchLabels": labels}}:
            return str(labels["kubernetes.io/metadata.name"])
        case {"podSelector": {"matchLabels": labels}}:
            return str(labels[_COMPONENT])
        case {"ipBlock": {"cidr": cidr}}:
            return str(cidr)
        case _:
            return "anybody"
