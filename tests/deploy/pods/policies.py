"""NetworkPolicies, worked out for the members there are: who may speak to whom, on which ports."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.deploy.pods.fields import Fields, ManifestError
from tests.deploy.pods.members import Member, selects
from tests.deploy.pods.objects import Key, Object

Direction = Literal["ingress", "egress"]
_EVERYBODY = "0.0.0.0/0"
_LAST_PORT = 65535
_PEERS: Mapping[Direction, str] = {"ingress": "from", "egress": "to"}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Connections that are let through: with these networks, to these ports."""

    networks: tuple[str, ...]
    protocol: str
    ports: tuple[int, int] | None
    """First and last; None for all, of every protocol."""


@dataclass(frozen=True, slots=True)
class Isolated:
    """A member that policies keep from all but what is allowed, in one direction."""

    address: str
    direction: Direction
    allowed: tuple[Allowed, ...]


@dataclass(frozen=True, slots=True)
class World:
    """All that policies choose from."""

    members: Sequence[Member]
    namespaces: Mapping[str, Mapping[str, str]]
    """The labels of each namespace."""


def isolated(policies: Mapping[Key, Object], world: World) -> list[Isolated]:
    """Works out all policies together: what one of them allows is allowed."""
    found: dict[tuple[str, Direction], list[Allowed]] = {}
    for (namespace, name), value in policies.items():
        with Fields(value["spec"], f"NetworkPolicy {name}") as spec:
            selector = spec.take("podSelector", {})
            parts: dict[Direction, list[Fields]] = {
                direction: spec.parts(direction) for direction in _PEERS
            }
            kinds = spec.take("policyTypes", ["Ingress", *(["Egress"] if parts["egress"] else [])])
        rules: dict[Direction, list[_Rule]] = {
            direction: [_rule(part, direction) for part in parts[direction]]
            for direction in _PEERS
            if direction.capitalize() in kinds
        }
        for member in world.members:
            if member.namespace != namespace or not selects(selector, member.labels):
                continue
            for direction, rules_of_it in rules.items():
                allowed = found.setdefault((member.address, direction), [])
                for rule in rules_of_it:
                    allowed += _allowed(rule, direction, member, namespace, world)
    return [Isolated(*key, tuple(dict.fromkeys(allowed))) for key, allowed in found.items()]


@dataclass(frozen=True, slots=True)
class _Rule:
    peers: Sequence[Mapping[str, Any]]
    ports: Sequence[Mapping[str, Any]]


def _rule(fields: Fields, direction: Direction) -> _Rule:
    with fields:
        return _Rule(fields.take(_PEERS[direction], []), fields.take("ports", []))


def _allowed(
    rule: _Rule, direction: Direction, member: Member, namespace: str, world: World
) -> list[Allowed]:
    """Connections of one member that a rule allows. Ports by name are those of who is called."""
    networks: list[str] = [] if rule.peers else [_EVERYBODY]
    others: list[Member] = [] if rule.peers else list(world.members)
    for peer in rule.peers:
        more_networks, more_others = _peer(Fields(peer, "peer"), namespace, world)
        networks += more_networks
        others += more_others
    everybody = _merged([*networks, *(other.address for other in others)])
    if not everybody:
        return []
    if not rule.ports:
        return [Allowed(everybody, "tcp", None)]
    called = [member] if direction == "ingress" else others
    found: list[Allowed] = []
    for port in rule.ports:
        with Fields(port, "port") as fields:
            protocol = fields.take("protocol", "TCP").lower()
            first, last = fields.take("port", 0), fields.take("endPort")
        if isinstance(first, int):
            last = last or first or _LAST_PORT
            found.append(Allowed(everybody, protocol, (first, last)))
            continue
        for one in called:
            if (number := one.ports.get(first)) is not None:
                callers = everybody if direction == "ingress" else (one.address,)
                found.append(Allowed(callers, protocol, (number, number)))
    return found


def _merged(networks: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(str, ipaddress.collapse_addresses(map(ipaddress.IPv4Network, networks))))


def _peer(peer: Fields, namespace: str, world: World) -> tuple[list[str], list[Member]]:
    with peer:
        block = peer.take("ipBlock")
        pods, spaces = peer.take("podSelector"), peer.take("namespaceSelector")
    if block is not None:
        return _networks(Fields(block, "ipBlock")), []
    if pods is None and spaces is None:
        raise ManifestError(f"{peer.where}: names nobody")
    return [], [
        member
        for member in world.members
        if member.namespace
        and (
            member.namespace == namespace
            if spaces is None
            else selects(spaces, world.namespaces.get(member.namespace, {}))
        )
        and (pods is None or selects(pods, member.labels))
    ]


def _networks(block: Fields) -> list[str]:
    """The networks of a block without its exceptions; none of IPv6, which is not spoken here."""
    with block:
        whole = ipaddress.ip_network(block.need("cidr"))
        holes = [ipaddress.ip_network(hole) for hole in block.take("except", [])]
    if not isinstance(whole, ipaddress.IPv4Network):
        return []
    networks = [whole]
    for hole in holes:
        if not isinstance(hole, ipaddress.IPv4Network):
            raise ManifestError(f"{block.where}: {hole} is none of {whole}")
        networks = [
            rest
            for network in networks
            for rest in (network.address_exclude(hole) if hole.subnet_of(network) else [network])
            if not rest.subnet_of(hole)
        ]
    return [str(network) for network in networks]
