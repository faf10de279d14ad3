"""The text of the node's packet filter: Services as kube-proxy makes them, and policies."""

from collections.abc import Iterable, Sequence

from tests.deploy.pods.members import Member
from tests.deploy.pods.policies import Allowed, Isolated
from tests.deploy.pods.services import Service

_REFUSED = "counter reject with icmp admin-prohibited"
"""Told apart from a port on which nobody listens. Most networks say nothing, and callers wait."""

_MATCH = {"ingress": "saddr", "egress": "daddr"}


def rules(
    services: Iterable[Service], members: Sequence[Member], isolated: Sequence[Isolated]
) -> str:
    """Writes all of it; each load takes the place of what was there."""
    return "\n".join([*_balancing(services, members), *_guarding(isolated), ""])


def _balancing(services: Iterable[Service], members: Sequence[Member]) -> Iterable[str]:
    """Each new connection to a Service goes to one of its endpoints, by chance."""
    yield "table ip balance {"
    yield "  chain from_pods { type nat hook prerouting priority dstnat; policy accept;"
    refused = []
    for service in services:
        if service.address is None:
            continue
        endpoints = service.endpoints(members)
        for port in service.ports:
            targets = [
                (member.address, target)
                for member in endpoints
                if (target := service.target(port, member)) is not None
            ]
            match = f"ip daddr {service.address} {port.protocol} dport {port.port}"
            if targets:
                chosen = ", ".join(
                    f"{index} : {address} . {target}"
                    for index, (address, target) in enumerate(targets)
                )
                yield f"    {match} dnat ip to numgen random mod {len(targets)} map {{ {chosen} }}"
            else:
                refused.append(f"    {match} reject")
    yield "  }"
    yield "  chain without_endpoints { type filter hook prerouting priority raw; policy accept;"
    yield from refused
    yield "  }"
    yield "}"


def _guarding(isolated: Sequence[Isolated]) -> Iterable[str]:
    yield "table inet guard {"
    for one in isolated:
        yield f"  chain {_chain(one)} {{"
        yield from (f"    {_match(one, allowed)} return" for allowed in one.allowed)
        yield f"    {_REFUSED}"
        yield "  }"
    yield "  chain forward { type filter hook forward priority 0; policy accept;"
    yield "    ct state established,related accept"
    for one in isolated:
        own = "daddr" if one.direction == "ingress" else "saddr"
        yield f"    ip {own} {one.address} jump {_chain(one)}"
    yield "  }"
    yield "}"


def _chain(one: Isolated) -> str:
    return f"{one.direction}_{one.address.replace('.', '_')}"


def _match(one: Isolated, allowed: Allowed) -> str:
    match = f"ip {_MATCH[one.direction]} {{ {', '.join(allowed.networks)} }}"
    if allowed.ports is None:
        return match
    first, last = allowed.ports
    return f"{match} {allowed.protocol} dport {first}-{last}"
