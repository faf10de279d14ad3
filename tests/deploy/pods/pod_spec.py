"""A pod as the template of a Deployment or a StatefulSet describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.deploy.pods import without_a_cluster
from tests.deploy.pods.container_spec import ContainerSpec, Security, read_container, read_security
from tests.deploy.pods.fields import Fields, ManifestError


@dataclass(frozen=True, slots=True)
class PodSpec:
    """What every pod of one template is. Volumes stay as written."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    service_account: str
    init_containers: tuple[ContainerSpec, ...]
    containers: tuple[ContainerSpec, ...]
    volumes: Mapping[str, Mapping[str, Any]]
    fs_group: int | None
    supplemental_groups: tuple[int, ...]
    grace_s: float
    service_links: bool
    subdomain: str

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports of all containers by name."""
        return {name: port for each in self.containers for name, port in each.ports.items()}


def read_pod(fields: Fields) -> PodSpec:
    """Reads a template: `metadata` and `spec`.

    Raises:
        ManifestError: it names what this harness does not know, or mounts what is no volume.
    """
    with fields, fields.part("metadata") as metadata, fields.part("spec") as spec:
        metadata.leave(["creationTimestamp"])
        spec.leave(without_a_cluster.POD)
        spec.must_be("restartPolicy", "Always")
        spec.must_be("dnsPolicy", "ClusterFirst")
        for host in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
            spec.must_be(host, False)
        spec.must_be("automountServiceAccountToken", False)
        groups, security = _security(spec.part("securityContext"))
        fs_group, supplemental_groups = groups
        return PodSpec(
            labels=metadata.strings("labels"),
            annotations=metadata.strings("annotations"),
            service_account=spec.take("serviceAccountName", "default"),
            init_containers=tuple(
                read_container(part, security) for part in spec.parts("initContainers")
            ),
            containers=tuple(read_container(part, security) for part in spec.parts("containers")),
            volumes={volume["name"]: volume for volume in spec.take("volumes", [])},
            fs_group=fs_group,
            supplemental_groups=supplemental_groups,
            grace_s=float(spec.take("terminationGracePeriodSeconds", 30)),
            service_links=spec.take("enableServiceLinks", True),
            subdomain=spec.take("subdomain", ""),
        )


def check_mounts(pod: PodSpec, where: str) -> None:
    """Raises where a container mounts what is no volume of its pod.

    Raises:
        ManifestError: naming it.
    """
    for container in (*pod.init_containers, *pod.containers):
        for mount in container.mounts:
            if mount.volume not in pod.volumes:
                raise ManifestError(f"{where}: {container.name} mounts {mount.volume}: no volume")


def _security(fields: Fields) -> tuple[tuple[int | None, tuple[int, ...]], Security]:
    with fields:
        groups = fields.take("fsGroup"), tuple(fields.take("supplementalGroups", []))
        fields.must_be("supplementalGroupsPolicy", "Merge", "Strict")
        rest = {
            name: value
            for name in ("runAsUser", "runAsGroup", "runAsNonRoot")
            if (value := fields.take(name)) is not None
        }
        fields.leave(without_a_cluster.SECURITY)
    return groups, read_security(Fields(rest, fields.where), Security())
