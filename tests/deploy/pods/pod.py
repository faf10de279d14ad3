"""A pod: its network, volumes and containers, from its start to its end."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.deploy.pods.container import Container, Setting
from tests.deploy.pods.container_spec import ContainerSpec
from tests.deploy.pods.environment import Sources
from tests.deploy.pods.fields import ManifestError
from tests.deploy.pods.launches import Place, launch
from tests.deploy.pods.members import Member
from tests.deploy.pods.network import NODE
from tests.deploy.pods.pod_spec import PodSpec
from tests.deploy.pods.process import Process
from tests.deploy.pods.surroundings import Surroundings
from tests.deploy.pods.volumes import Volumes


class Pod:
    """Starts on a thread of its own when it is made."""

    def __init__(self, namespace: str, name: str, spec: PodSpec, around: Surroundings) -> None:
        self.namespace, self.name, self.spec = namespace, name, spec
        self.trouble = ""
        """What keeps it from running, for a person to read."""
        self.gone = False
        self.containers: dict[str, Container] = {}
        self.folder = around.folder / "pods" / name
        self.folder.mkdir(parents=True)
        self.address = around.network.pod_address(namespace)
        self._around = around
        self.network = around.network.attach(self.address)
        self._leaving = False
        self._stopping = threading.Event()
        self._initialising: Process | None = None
        self._volumes: Volumes | None = None
        self._settings: list[Setting] = []
        self._harms: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._start, name=name, daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether all its containers are, and it is not being ended."""
        return (
            not self._stopping.is_set()
            and len(self.containers) == len(self.spec.containers)
            and all(container.ready for container in self.containers.values())
        )

    def available(self, min_ready_s: float) -> bool:
        """Whether it has been ready for so long."""
        latest_s = time.monotonic() - min_ready_s
        return self.ready and all(each.changed_s <= latest_s for each in self.containers.values())

    @property
    def member(self) -> Member:
        """How the network sees it."""
        return Member(
            self.namespace,
            self.name,
            self.address,
            self.spec.labels,
            self.spec.ports,
            ready=self.ready or self._stopping.is_set(),
            leaving=self._leaving,
            subdomain=self.spec.subdomain,
        )

    @property
    def harms(self) -> Counter[str]:
        """How often containers were started again, did not end in time, and had no memory left."""
        found = Counter(self._harms)
        for container in self.containers.values():
            found += Counter(
                restarts=container.restarts, kills=container.kills, oom_kills=container.oom_kills
            )
        return found

    @property
    def logs(self) -> Mapping[str, str]:
        """What each of its containers has written, init containers included."""
        return {path.stem: path.read_text() for path in sorted(self.folder.glob("*.log"))}

    def stop(self) -> None:
        """Ends it in order; returns when nothing is left of it. Endpoints lose it meanwhile."""
        self._stopping.set()
        self._around.changed()
        leave = threading.Timer(self._around.endpoint_lag_s, self._leave)
        leave.start()
        self._end(Container.stop)
        leave.join()
        self._around.changed()

    def kill(self) -> None:
        """Ends it at once, for a cluster that goes."""
        self._stopping.set()
        self._end(Container.kill)

    def _leave(self) -> None:
        self._leaving = True
        self._around.changed()

    def _end(self, end: Callable[[Container], None]) -> None:
        if self._initialising is not None:
            self._initialising.kill()
        self._thread.join()
        threads = [
            threading.Thread(target=end, args=(container,))
            for container in self.containers.values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._volumes is not None:
            self._volumes.remove()
        self._harms["oom_kills"] = sum(each.oom_kills for each in self.containers.values())
        for setting in self._settings:
            if setting.launch.memory is not None:
                setting.launch.memory.remove()
        self.gone = True
        self._around.network.detach(self.address)

    def _start(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001 - whoever waits for the pod is to read it
            self.trouble = f"{type(error).__name__}: {error}"
        self._around.changed()

    def _run(self) -> None:
        sources = self._sources()
        kept = self._around.folder / "claims" / self.namespace
        self._volumes = Volumes(self.spec, self.name, self.folder / "volumes", kept, sources)
        for spec in self.spec.init_containers:
            setting = self._setting(spec, sources)
            self._initialising = Process(setting.launch)
            if (status := self._initialising.wait()) != 0:
                raise ManifestError(f"init container {spec.name} ended with {status}")
        self._initialising = None
        for spec in self.spec.containers:
            if not self._stopping.is_set():
                setting = self._setting(spec, sources)
                changed, kubelet = self._around.changed, self._around.kubelet
                self.containers[spec.name] = Container(spec, setting, kubelet, changed)

    def _setting(self, spec: ContainerSpec, sources: Sources) -> Setting:
        assert self._volumes is not None
        image = self._around.image(spec.image)
        place = Place(
            name=self.name,
            spec=self.spec,
            sources=sources,
            network=self.network,
            address=self.address,
            folder=self.folder,
            resolv_conf=self._around.resolv_conf(self.namespace),
        )
        run = launch(spec, image, place, self._volumes.binds(spec))
        setting = Setting(run, self.address, self.spec.grace_s, image.stop_signal)
        self._settings.append(setting)
        return setting

    def _sources(self) -> Sources:
        spec = self.spec
        fields = {
            "metadata.name": self.name,
            "metadata.namespace": self.namespace,
            "metadata.uid": str(uuid.uuid4()),
            "spec.nodeName": "node",
            "spec.serviceAccountName": spec.service_account,
            "status.hostIP": NODE,
            "status.podIP": self.address,
            **{f"metadata.labels['{key}']": value for key, value in spec.labels.items()},
            **{f"metadata.annotations['{key}']": value for key, value in spec.annotations.items()},
        }
        sources = self._around.sources(self.namespace)
        links = sources.service_links if spec.service_links else {}
        return replace(sources, fields=fields, service_links=links)
