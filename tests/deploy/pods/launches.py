"""How a container of a pod is run: the image, the template and the pod put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.images.sandbox import Identity, Inside, Mount, run_line
from tests.deploy.pods.container_spec import ContainerSpec
from tests.deploy.pods.environment import Sources, expanded, variables
from tests.deploy.pods.fields import ManifestError
from tests.deploy.pods.memory import limited
from tests.deploy.pods.namespaces import Namespace
from tests.deploy.pods.pod_spec import PodSpec
from tests.deploy.pods.process import Launch
from tests.deploy.pods.quantities import whole
from tests.deploy.pods.stand_ins import StandIn
from tests.deploy.pods.volumes import Bind

_SCRATCH_BYTES = 64 * 2**20
_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Place:
    """What a container has of its pod."""

    name: str
    """The pod's, which is the name of its host."""
    spec: PodSpec
    sources: Sources
    network: Namespace
    address: str
    folder: Path
    """Where its logs and the files of its /etc are."""
    resolv_conf: str


def launch(container: ContainerSpec, image: StandIn, place: Place, binds: Sequence[Bind]) -> Launch:
    """Makes the run of a container.

    Raises:
        ManifestError: it would be refused, or does what is not done here.
    """
    identity = _identity(container, image, place.spec)
    made = variables(container, place.sources)
    env = {"HOME": "/", "HOSTNAME": place.name, **image.env, **made}
    argv = _argv(container, image, made)
    line = run_line(
        image.root,
        argv,
        Inside(env, container.working_dir or image.workdir, identity),
        [*image.mounts, *_etc(image, place), *(_mount(bind) for bind in binds)],
        dict.fromkeys(image.scratch, _SCRATCH_BYTES),
    )
    memory = container.limits.get("memory")
    return Launch(
        line=[line[0], "--hostname", place.name, *line[1:]],
        env=env,
        identity=identity,
        network=place.network,
        memory=None if memory is None else limited(whole(memory)),
        log=place.folder / f"{container.name}.log",
    )


def _argv(container: ContainerSpec, image: StandIn, made: dict[str, str]) -> list[str]:
    """A command stands in for the image's entrypoint and arguments, arguments for the latter."""
    if container.command is not None:
        words = (*container.command, *(container.args or ()))
    else:
        words = (*image.entrypoint, *(image.cmd if container.args is None else container.args))
    written = len(words) if container.command is not None else len(container.args or ())
    own = len(words) - written
    return [*words[:own], *(expanded(word, made) for word in words[own:])]


def _identity(container: ContainerSpec, image: StandIn, pod: PodSpec) -> Identity:
    security = container.security
    user = image.user if security.uid is None else security.uid
    group = image.group if security.gid is None else security.gid
    if security.must_not_be_root and user == 0:
        raise ManifestError(f"{container.name}: must not be root, and its image is")
    if not security.read_only_root:
        raise ManifestError(f"{container.name}: only read-only roots are done here")
    own = () if pod.fs_group is None else (pod.fs_group,)
    return Identity(user, group, (*own, *pod.supplemental_groups))


def _etc(image: StandIn, place: Place) -> list[Mount]:
    users = {"root": 0, **image.users, "nobody": _NOBODY}
    files = {
        "passwd": "".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in users.items()),
        "group": "".join(f"{name}:x:{gid}:\n" for name, gid in users.items()),
        "hosts": f"127.0.0.1\tlocalhost\n{place.address}\t{place.name}\n",
        "resolv.conf": place.resolv_conf,
    }
    folder = place.folder / "etc" / image.root.name
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return [Mount(folder / name, f"/etc/{name}") for name in files]


def _mount(bind: Bind) -> Mount:
    return Mount(bind.source, bind.path, writable=not bind.read_only)
