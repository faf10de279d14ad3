"""Services: which members are behind them, and by which address and ports they are reached."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.deploy.pods import without_a_cluster
from tests.deploy.pods.fields import Fields, ManifestError
from tests.deploy.pods.members import Member
from tests.deploy.pods.objects import Key, Object


@dataclass(frozen=True, slots=True)
class ServicePort:
    """A port of a Service. Its target is a number, or the name of a port of each pod."""

    name: str
    protocol: str
    port: int
    target: int | str


@dataclass(frozen=True, slots=True)
class Service:
    """A Service. Without an address it is headless: its name leads to the pods themselves."""

    key: Key
    selector: Mapping[str, str]
    ports: Sequence[ServicePort]
    address: str | None
    takes_unready: bool

    def endpoints(self, members: Iterable[Member]) -> list[Member]:
        """The members behind it now."""
        return [
            member
            for member in members
            if member.namespace == self.key[0]
            and not member.leaving
            and (member.ready or self.takes_unready)
            and self.selector.items() <= member.labels.items()
        ]

    def target(self, port: ServicePort, member: Member) -> int | None:
        """Where a port leads on a member; None where it has no port of that name."""
        return port.target if isinstance(port.target, int) else member.ports.get(port.target)


def read_service(key: Key, value: Object, address: str) -> Service:
    """Reads a Service, which gets ``address`` unless it is headless."""
    with Fields(value["spec"], f"Service {key[1]}") as spec:
        spec.leave(without_a_cluster.SERVICE)
        spec.must_be("type", "ClusterIP", "LoadBalancer", "NodePort")
        spec.must_be("sessionAffinity", "None")
        cluster_ip = spec.take("clusterIP")
        if cluster_ip not in (None, "None"):
            address = cluster_ip
        selector = spec.strings("selector")
        if not selector:
            raise ManifestError(f"{spec.where}: chooses no pods")
        return Service(
            key=key,
            selector=selector,
            ports=[_port(part) for part in spec.parts("ports")],
            address=None if cluster_ip == "None" else address,
            takes_unready=spec.take("publishNotReadyAddresses", False),
        )


def _port(fields: Fields) -> ServicePort:
    with fields:
        fields.leave(["appProtocol", "nodePort"])
        port = int(fields.need("port"))
        return ServicePort(
            name=fields.take("name", ""),
            protocol=fields.take("protocol", "TCP").lower(),
            port=port,
            target=fields.take("targetPort", port),
        )
