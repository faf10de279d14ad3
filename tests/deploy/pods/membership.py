"""Who is on a cluster's network now, published to its packet filter and to its name server."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from tests.deploy.pods.environment import service_links
from tests.deploy.pods.members import Member
from tests.deploy.pods.names import published
from tests.deploy.pods.namespaces import Namespace
from tests.deploy.pods.network import Network
from tests.deploy.pods.objects import Objects
from tests.deploy.pods.pod import Pod
from tests.deploy.pods.policies import World, isolated
from tests.deploy.pods.rules import rules
from tests.deploy.pods.services import read_service


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody on the network who is no pod: a client, a scraper, a stranger."""

    member: Member
    network: Namespace


class Membership:
    """Pods and guests, and what Services and policies make of them."""

    def __init__(self, network: Network, objects: Objects) -> None:
        self._network, self._policies = network, objects.policies
        self._namespaces = dict(objects.namespaces)
        self._services = [
            read_service(key, value, network.service_address())
            for key, value in objects.services.items()
        ]
        self._lock = threading.RLock()
        self._pods: list[Pod] = []
        self._guests: list[Guest] = []
        self._loaded = ""

    @property
    def pods(self) -> list[Pod]:
        """All there were."""
        with self._lock:
            return list(self._pods)

    def admit(self, pod: Pod) -> None:
        """Lets a pod take part."""
        with self._lock:
            self._pods.append(pod)
        self.publish()

    def guest(self, namespace: str, name: str, labels: Mapping[str, str]) -> Guest:
        """Lets somebody onto the network; namespace "" is outside the cluster."""
        address = self._network.pod_address(namespace)
        guest = Guest(Member(namespace, name, address, labels), self._network.attach(address))
        with self._lock:
            self._guests.append(guest)
            own = {"kubernetes.io/metadata.name": namespace}
            self._namespaces.setdefault(namespace, own)
        self.publish()
        return guest

    def publish(self) -> None:
        """Lets the packet filter know who is there now."""
        with self._lock:
            members = self._members()
            world = World(members, self._namespaces)
            text = rules(self._services, members, isolated(self._policies, world))
            if text != self._loaded:
                self._network.load(text)
                self._loaded = text

    def names(self) -> Mapping[str, list[str]]:
        """The addresses of every name now. Pods outside the cluster are found by their own."""
        outside = {pod.name: [pod.address] for pod in self.pods if not pod.namespace}
        return {**published(self._services, self._members()), **outside}

    def service_address(self, name: str) -> str:
        """The virtual address of a Service."""
        (found,) = (each.address for each in self._services if each.key[1] == name)
        assert found is not None
        return found

    def service_links(self, namespace: str) -> Mapping[str, str]:
        """The variables that tell pods of a namespace about its Services."""
        return service_links(
            {
                service.key[1]: (service.address, {port.name: port.port for port in service.ports})
                for service in self._services
                if service.key[0] == namespace and service.address is not None
            }
        )

    def _members(self) -> list[Member]:
        with self._lock:
            pods = [pod.member for pod in self._pods if not pod.gone]
            return [*pods, *(guest.member for guest in self._guests)]
