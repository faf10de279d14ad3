"""A container as a pod's template describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.deploy.pods import without_a_cluster
from tests.deploy.pods.fields import Fields, ManifestError
from tests.deploy.pods.handlers import Handler, ProbeSpec, read_hook, read_probe


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a container sees a volume."""

    volume: str
    path: str
    sub_path: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Security:
    """As whom a process runs. None where the template leaves it to the image."""

    uid: int | None = None
    gid: int | None = None
    must_not_be_root: bool = False
    read_only_root: bool = False
    no_new_privileges: bool = False
    keeps_capabilities: bool = True


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """One container. Environment entries stay as written, since they refer to other objects."""

    name: str
    image: str
    command: tuple[str, ...] | None
    args: tuple[str, ...] | None
    working_dir: str | None
    env: tuple[Mapping[str, Any], ...]
    env_from: tuple[Mapping[str, Any], ...]
    ports: Mapping[str, int]
    """By name; nameless ones by their number."""
    mounts: tuple[Mount, ...]
    limits: Mapping[str, str]
    requests: Mapping[str, str]
    security: Security
    startup: ProbeSpec | None
    readiness: ProbeSpec | None
    liveness: ProbeSpec | None
    pre_stop: Handler | None


def read_container(fields: Fields, of_the_pod: Security) -> ContainerSpec:
    """Reads a container; what it says of its security comes before what its pod says."""
    with fields:
        fields.leave(without_a_cluster.CONTAINER)
        fields.must_be("stdin", False)
        fields.must_be("tty", False)
        ports = _ports(fields)
        limits, requests = _resources(fields)
        return ContainerSpec(
            name=fields.need("name"),
            image=fields.need("image"),
            command=_texts(fields.take("command")),
            args=_texts(fields.take("args")),
            working_dir=fields.take("workingDir"),
            env=tuple(fields.take("env", [])),
            env_from=tuple(fields.take("envFrom", [])),
            ports=ports,
            mounts=tuple(_mount(part) for part in fields.parts("volumeMounts")),
            limits=limits,
            requests=requests,
            security=read_security(fields.part("securityContext"), of_the_pod),
            startup=_probe(fields, "startupProbe", ports),
            readiness=_probe(fields, "readinessProbe", ports),
            liveness=_probe(fields, "livenessProbe", ports),
            pre_stop=_pre_stop(fields, ports),
        )


def read_security(fields: Fields, default: Security) -> Security:
    """Reads whose rights a process has; what is not said is as in ``default``."""
    with fields:
        fields.leave(without_a_cluster.SECURITY)
        fields.must_be("privileged", False)
        with fields.part("capabilities") as capabilities:
            dropped = capabilities.take("drop", [])
            capabilities.must_be("add", [])
        if dropped not in ([], ["ALL"]):
            raise ManifestError(f"{fields.where}: only ALL capabilities are dropped here")
        return Security(
            uid=fields.take("runAsUser", default.uid),
            gid=fields.take("runAsGroup", default.gid),
            must_not_be_root=fields.take("runAsNonRoot", default.must_not_be_root),
            read_only_root=fields.take("readOnlyRootFilesystem", default.read_only_root),
            no_new_privileges=not fields.take(
                "allowPrivilegeEscalation", not default.no_new_privileges
            ),
            keeps_capabilities=not dropped,
        )


def _texts(values: list[Any] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(map(str, values))


def _ports(fields: Fields) -> dict[str, int]:
    ports = {}
    for part in fields.parts("ports"):
        with part:
            number = int(part.need("containerPort"))
            part.must_be("protocol", "TCP")
            ports[part.take("name", str(number))] = number
    return ports


def _resources(fields: Fields) -> tuple[Mapping[str, str], Mapping[str, str]]:
    with fields.part("resources") as resources:
        limits = resources.strings("limits")
        # What is not requested is taken from the limits.
        return limits, limits | resources.strings("requests")


def _mount(fields: Fields) -> Mount:
    with fields:
        return Mount(
            volume=fields.need("name"),
            path=fields.need("mountPath"),
            sub_path=fields.take("subPath", ""),
            read_only=fields.take("readOnly", False),
        )


def _probe(fields: Fields, name: str, ports: Mapping[str, int]) -> ProbeSpec | None:
    value = fields.take(name)
    return value and read_probe(Fields(value, f"{fields.where}.{name}"), ports)


def _pre_stop(fields: Fields, ports: Mapping[str, int]) -> Handler | None:
    with fields.part("lifecycle") as lifecycle:
        hook = lifecycle.take("preStop")
        return hook and read_hook(Fields(hook, f"{lifecycle.where}.preStop"), ports)
