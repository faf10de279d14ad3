"""What policies allow, worked out by hand for a few members."""

from typing import Any

import pytest

from tests.deploy.pods.fields import ManifestError
from tests.deploy.pods.members import Member, selects
from tests.deploy.pods.policies import Allowed, Isolated, World, isolated

WEB = Member("shop", "web", "10.0.0.1", {"app": "web"}, {"http": 8080})
STORE = Member("shop", "store", "10.0.0.2", {"app": "store"}, {"db": 5432})
SCRAPER = Member("watch", "scraper", "10.0.0.3", {"app": "scraper"})
OUTSIDE = Member("", "client", "192.168.0.9", {"app": "web"})
WORLD = World(
    [WEB, STORE, SCRAPER, OUTSIDE],
    {"shop": {"name": "shop"}, "watch": {"name": "watch"}, "": {}},
)


def worked_out(*specs: dict[str, Any]) -> list[Isolated]:
    policies = {("shop", str(number)): {"spec": spec} for number, spec in enumerate(specs)}
    return isolated(policies, WORLD)


def test_a_policy_without_rules_isolates_its_namespace_alone() -> None:
    assert worked_out({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}) == [
        Isolated(member.address, direction, ())
        for member in (WEB, STORE)
        for direction in ("ingress", "egress")
    ]


def test_policies_add_up() -> None:
    deny = {"podSelector": {}, "policyTypes": ["Ingress"]}
    allow = {
        "podSelector": {"matchLabels": {"app": "store"}},
        "ingress": [
            {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": "db"}]}
        ],
    }

    assert worked_out(deny, allow) == [
        Isolated(WEB.address, "ingress", ()),
        Isolated(STORE.address, "ingress", (Allowed(("10.0.0.1/32",), "tcp", (5432, 5432)),)),
    ]


@pytest.mark.parametrize(
    ("peers", "networks"),
    [
        ([{"podSelector": {}}], ("10.0.0.1/32", "10.0.0.2/32")),
        ([{"namespaceSelector": {}}], ("10.0.0.1/32", "10.0.0.2/31")),
        ([{"namespaceSelector": {"matchLabels": {"name": "watch"}}}], ("10.0.0.3/32",)),
        (
            [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}}],
            ("10.0.0.1/32",),
        ),
        (
            [{"ipBlock": {"cidr": "192.168.0.0/30", "except": ["192.168.0.0/31"]}}],
            ("192.168.0.2/31",),
        ),
        ([{"ipBlock": {"cidr": "::/0"}}, {"ipBlock": {"cidr": "10.9.0.0/16"}}], ("10.9.0.0/16",)),
        ([], ("0.0.0.0/0",)),
    ],
)
def test_peers_are_pods_namespaces_both_or_networks(
    peers: list[dict[str, Any]], networks: tuple[str, ...]
) -> None:
    (one,) = worked_out(
        {"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"from": peers}]}
    )

    assert one.allowed == (Allowed(networks, "tcp", None),)


def test_a_port_by_name_is_that_of_who_is_called() -> None:
    (one,) = worked_out(
        {
            "podSelector": {"matchLabels": {"app": "web"}},
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "to": [{"podSelector": {}}],
                    "ports": [{"port": "db"}, {"port": 53, "protocol": "UDP"}],
                }
            ],
        }
    )

    assert one.allowed == (
        Allowed(("10.0.0.2",), "tcp", (5432, 5432)),
        Allowed(("10.0.0.1/32", "10.0.0.2/32"), "udp", (53, 53)),
    )


@pytest.mark.parametrize(
    "spec",
    [
        {"podSelector": {}, "ingress": [{"from": [{}]}]},
        {"podSelector": {}, "ingress": [{"to": []}]},
        {"podSelector": {}, "rules": []},
    ],
)
def test_a_policy_that_is_not_understood_is_an_error(spec: dict[str, Any]) -> None:
    with pytest.raises(ManifestError):
        worked_out(spec)


@pytest.mark.parametrize(
    ("selector", "holds"),
    [
        ({}, True),
        (None, False),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "1", "b": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
    ],
)
def test_selectors_choose_by_labels(selector: dict[str, Any] | None, holds: bool) -> None:
    assert selects(selector, {"a": "1"}) is holds
