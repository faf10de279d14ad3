"""What the cluster's DNS answers, and the file by which pods ask it."""

from typing import Any

import pytest
from dnslib import QTYPE, RCODE, DNSRecord

from tests.deploy.pods.members import Member
from tests.deploy.pods.names import answered, published, resolv_conf
from tests.deploy.pods.services import read_service

READY = Member("shop", "web-0", "10.0.0.1", {"app": "web"}, subdomain="direct")
OTHER = Member("shop", "other", "10.0.0.2", {"app": "other"})
LATE = Member("shop", "web-1", "10.0.0.3", {"app": "web"}, ready=False, subdomain="direct")
LEAVING = Member("shop", "web-2", "10.0.0.4", {"app": "web"}, leaving=True)
ELSEWHERE = Member("bank", "web-0", "10.0.0.5", {"app": "web"})


def names() -> dict[str, list[str]]:
    specs: dict[str, dict[str, Any]] = {"web": {}, "direct": {"clusterIP": "None"}}
    specs["all"] = {"clusterIP": "None", "publishNotReadyAddresses": True}
    services = [
        read_service(
            ("shop", name),
            {"spec": {"selector": {"app": "web"}, "ports": [{"port": 80}], **spec}},
            "10.96.0.20",
        )
        for name, spec in specs.items()
    ]
    return published(services, [READY, OTHER, LATE, LEAVING, ELSEWHERE])


def test_names_are_those_of_services_and_of_pods_behind_them() -> None:
    assert names() == {
        "web.shop.svc.cluster.local": ["10.96.0.20"],
        "direct.shop.svc.cluster.local": ["10.0.0.1"],
        "web-0.direct.shop.svc.cluster.local": ["10.0.0.1"],
        "all.shop.svc.cluster.local": ["10.0.0.1", "10.0.0.3"],
    }


@pytest.mark.parametrize(
    ("name", "kind", "code", "addresses"),
    [
        ("direct.shop.svc.cluster.local", "A", RCODE.NOERROR, ["10.0.0.1"]),
        ("DIRECT.shop.svc.cluster.local.", "A", RCODE.NOERROR, ["10.0.0.1"]),
        ("direct.shop.svc.cluster.local", "AAAA", RCODE.NOERROR, []),
        ("nobody.shop.svc.cluster.local", "A", RCODE.NXDOMAIN, []),
    ],
)
def test_answers(name: str, kind: str, code: int, addresses: list[str]) -> None:
    question = DNSRecord.question(name, kind)

    answer = answered(question.pack(), names())

    assert answer is not None
    reply = DNSRecord.parse(answer)
    assert reply.header.id == question.header.id
    assert reply.header.rcode == code
    assert [str(each.rdata) for each in reply.rr if each.rtype == QTYPE.A] == addresses


def test_what_is_no_message_gets_no_answer() -> None:
    assert answered(b"hello", {}) is None


def test_short_names_are_looked_for_in_the_pods_own_namespace_first() -> None:
    assert resolv_conf("10.96.0.10", "shop").splitlines() == [
        "search shop.svc.cluster.local svc.cluster.local cluster.local",
        "nameserver 10.96.0.10",
        "options ndots:5",
    ]
