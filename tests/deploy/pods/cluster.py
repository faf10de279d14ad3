"""A cluster for one rendering: its network, DNS, Services and policies, and the pods on them."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.deploy.pods.container import Kubelet
from tests.deploy.pods.controllers import Controller, StuckError, Watch, told
from tests.deploy.pods.environment import Sources
from tests.deploy.pods.fields import Fields
from tests.deploy.pods.membership import Guest, Membership
from tests.deploy.pods.names import DNS, NameServer, resolv_conf
from tests.deploy.pods.network import Network
from tests.deploy.pods.objects import Key, Object, Workload, sorted_objects
from tests.deploy.pods.pod import Pod
from tests.deploy.pods.pod_spec import read_pod
from tests.deploy.pods.probes import GrpcProber
from tests.deploy.pods.stand_ins import Images, StandIn, stand_in
from tests.deploy.pods.surroundings import Surroundings

ENDPOINT_LAG_S = 1.0
"""How long Services hold a pod that is being ended, as in a cluster that is busy."""


class Cluster:
    """Everything of one rendering, made by `running`."""

    def __init__(
        self, rendered: Iterable[Object], folder: Path, images: Images, endpoint_lag_s: float
    ) -> None:
        self.objects = sorted_objects([*rendered, DNS])
        self.watch = Watch()
        self._folder, self._images = folder, images
        self._pulled: dict[str, StandIn] = {}
        self._pulling = threading.Lock()
        with ExitStack() as made:
            self._network = Network()
            made.callback(self._network.remove)
            self._membership = Membership(self._network, self.objects)
            grpc = GrpcProber(self._network.node)
            made.callback(grpc.close)
            self._around = Surroundings(
                network=self._network,
                kubelet=Kubelet(self._network.node, grpc),
                folder=folder,
                image=self._image,
                resolv_conf=lambda namespace: resolv_conf(DNS["spec"]["clusterIP"], namespace),
                sources=self._sources,
                changed=self._changed,
                endpoint_lag_s=endpoint_lag_s,
            )
            self._controllers = {
                key: Controller(workload, self._made, self.watch)
                for key, workload in self.objects.workloads.items()
            }
            dns = self.guest("kube-system", "kube-dns", {"k8s-app": "kube-dns"})
            with dns.network.entered():
                server = NameServer(dns.member.address, self._membership.names)
            made.callback(server.close)
            made.callback(self._kill)
            self._made_ones = made.pop_all()

    def close(self) -> None:
        """Ends all at once, and removes every trace."""
        self._made_ones.close()

    def start(self) -> None:
        """Makes the pods of every workload; their images are there before."""
        for workload in self.objects.workloads.values():
            for container in (*workload.pod.init_containers, *workload.pod.containers):
                self._image(container.image)
        for controller in self._controllers.values():
            controller.start()

    def await_ready(self) -> None:
        """Waits until every pod is ready.

        Raises:
            StuckError: one does not become ready, or has been started again.
        """
        controllers = self._controllers.values()

        def settled() -> bool:
            return all(each.ready for each in controllers) or any(
                pod.trouble or pod.harms["restarts"] for each in controllers for pod in each.pods
            )

        self.watch.until(settled, self.report)
        if not all(each.ready for each in controllers):
            raise StuckError(self.report())

    @property
    def pods(self) -> list[Pod]:
        """Those that controllers hold, pods that are being ended excepted."""
        return [pod for controller in self._controllers.values() for pod in controller.pods]

    @property
    def harms(self) -> Counter[str]:
        """What happened to containers, of pods that are gone as well, and should not have."""
        return sum((pod.harms for pod in self.all_pods), Counter())

    @property
    def all_pods(self) -> list[Pod]:
        """All there were, with what they wrote."""
        return self._membership.pods

    def report(self) -> str:
        """What every pod is, for a person to read."""
        return "\n".join(controller.report() for controller in self._controllers.values())

    def controller(self, name: str) -> Controller:
        """The Deployment or StatefulSet of a name."""
        (found,) = (each for key, each in self._controllers.items() if key[1] == name)
        return found

    def service_address(self, name: str) -> str:
        """The virtual address of a Service."""
        return self._membership.service_address(name)

    def guest(self, namespace: str, name: str, labels: Mapping[str, str] | None = None) -> Guest:
        """Lets somebody onto the network; namespace "" is outside the cluster."""
        return self._membership.guest(namespace, name, labels or {})

    def outside(self, name: str, template: Object) -> Pod:
        """Runs a pod outside the cluster, where its name leads to it; returns when it is ready.

        Raises:
            StuckError: it does not become ready.
        """
        pod = Pod("", name, read_pod(Fields(template, name)), self._around)
        self._membership.admit(pod)
        self.watch.until(lambda: pod.ready or bool(pod.trouble), lambda: told(pod))
        if not pod.ready:
            raise StuckError(told(pod))
        return pod

    def _image(self, name: str) -> StandIn:
        with self._pulling:
            if name not in self._pulled:
                self._pulled[name] = self._images(name, self._folder / "images")
            return self._pulled[name]

    def _made(self, workload: Workload, name: str) -> Pod:
        pod = Pod(workload.namespace, name, workload.pod, self._around)
        self._membership.admit(pod)
        return pod

    def _changed(self) -> None:
        self._membership.publish()
        self.watch.changed()

    def _sources(self, namespace: str) -> Sources:
        return Sources(
            config_maps=_of(self.objects.config_maps, namespace),
            secrets=_of(self.objects.secrets, namespace),
            fields={},
            service_links=self._membership.service_links(namespace),
        )

    def _kill(self) -> None:
        ends = [each.kill for each in self._controllers.values()]
        ends += [pod.kill for pod in self.all_pods if not pod.namespace]
        threads = [threading.Thread(target=end) for end in ends]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@contextmanager
def running(
    rendered: Iterable[Object],
    folder: Path,
    images: Images = stand_in,
    endpoint_lag_s: float = ENDPOINT_LAG_S,
) -> Iterator[Cluster]:
    """Has a cluster for a block, with no pods yet."""
    cluster = Cluster(rendered, folder, images, endpoint_lag_s)
    try:
        yield cluster
    finally:
        cluster.close()


def _of(
    objects: Mapping[Key, Mapping[str, bytes]], namespace: str
) -> dict[str, Mapping[str, bytes]]:
    return {name: value for (space, name), value in objects.items() if space == namespace}
