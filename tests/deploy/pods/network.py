"""A network of the tests' own: one node that routes, and whoever has a cable to it.

Every packet between two of them passes the node's packet filter, as with the networks of clusters
that hold policies.
"""

import ipaddress
import itertools
import threading

from tests.deploy.pods import namespaces
from tests.deploy.pods.namespaces import Namespace

NODE = "10.244.0.1"
"""The node's address, which probes come from."""

_PODS = ipaddress.ip_network("10.244.0.0/16")
_SERVICES = ipaddress.ip_network("10.96.0.0/16")
_OUTSIDE = ipaddress.ip_network("192.168.0.0/16")


class Network:
    """Cables, addresses and the packet filter; all of it goes with `remove`."""

    def __init__(self) -> None:
        self.node = namespaces.created()
        self._lock = threading.Lock()
        self._cables: dict[str, Namespace] = {}
        self._pods = (_PODS[number] for number in itertools.count(10))
        self._outside = (_OUTSIDE[number] for number in itertools.count(10))
        self._services = (_SERVICES[number] for number in itertools.count(20))
        self._ip(self.node, f"address add {NODE}/32 dev lo")
        self.node.run("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1")

    def pod_address(self, namespace: str) -> str:
        """Gives out an address for a pod, each once; for namespace "" one outside the cluster."""
        with self._lock:
            return str(next(self._pods if namespace else self._outside))

    def service_address(self) -> str:
        """Gives out a virtual address for a Service."""
        with self._lock:
            return str(next(self._services))

    def attach(self, address: str) -> Namespace:
        """Makes a namespace that has an address, and a cable to the node."""
        namespace = namespaces.created()
        with self._lock:
            cable = f"to-{address.replace('.', '')[-12:]}"
            self._cables[address] = namespace
            self._ip(
                namespace,
                f"link add eth0 type veth peer name {cable} netns {self.node.name}",
                f"address add {address}/32 dev eth0",
                "link set eth0 up",
            )
            self._ip(self.node, f"link set {cable} up", f"route add {address}/32 dev {cable}")
            self._ip(namespace, f"route add {NODE} dev eth0", f"route add default via {NODE}")
        return namespace

    def detach(self, address: str) -> None:
        """Removes the namespace with an address."""
        with self._lock:
            namespaces.removed(self._cables.pop(address))

    def load(self, rules: str) -> None:
        """Puts rules in the place of those before, at once; connections that exist go on."""
        self.node.run("nft", "-f", "-", text=f"flush ruleset\n{rules}")

    def remove(self) -> None:
        """Removes every namespace that is left."""
        for address in list(self._cables):
            self.detach(address)
        namespaces.removed(self.node)

    def _ip(self, namespace: Namespace, *commands: str) -> None:
        namespace.run("ip", "-batch", "-", text="\n".join([*commands, ""]))
