"""The variables of a container, as the kubelet makes them out of an image and a template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.deploy.pods.container_spec import ContainerSpec
from tests.deploy.pods.fields import Fields, ManifestError
from tests.deploy.pods.quantities import whole

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z0-9_.-]+)\)")
_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


@dataclass(frozen=True, slots=True)
class Sources:
    """What references of one pod are looked up in."""

    config_maps: Mapping[str, Mapping[str, bytes]]
    secrets: Mapping[str, Mapping[str, bytes]]
    """Of the pod's namespace, by name."""
    fields: Mapping[str, str]
    """What the pod is, by the path of its field, such as `status.podIP`."""
    service_links: Mapping[str, str]
    """The variables about the Services of the namespace."""


def variables(container: ContainerSpec, sources: Sources) -> dict[str, str]:
    """Makes the variables that come on top of the image's.

    Raises:
        ManifestError: one refers to what is not there.
    """
    made = dict(sources.service_links)
    for entry in container.env_from:
        made |= _of_a_whole(Fields(entry, f"{container.name}.envFrom"), sources)
    for entry in container.env:
        with Fields(entry, f"{container.name}.env") as fields:
            name, source = fields.need("name"), fields.take("valueFrom")
            plain = str(fields.take("value", ""))
        if source is None:
            made[name] = expanded(plain, made)
        elif (value := _referred(Fields(source, f"{name}"), container, sources)) is not None:
            made[name] = value
    return made


def expanded(text: str, known: Mapping[str, str]) -> str:
    """Puts variables in for `$(NAME)`; `$$` is a dollar, and unknown names stay as they are."""

    def put(match: re.Match[str]) -> str:
        name = match[1]
        return "$" if name is None else known.get(name, match[0])

    return _REFERENCE.sub(put, text)


def service_links(services: Mapping[str, tuple[str, Mapping[str, int]]]) -> dict[str, str]:
    """The variables about Services with a virtual address: by name its address and named ports."""
    links: dict[str, str] = {}
    for service, (address, ports) in services.items():
        name = service.upper().replace("-", "_")
        links[f"{name}_SERVICE_HOST"] = address
        for index, (port_name, port) in enumerate(ports.items()):
            url = f"tcp://{address}:{port}"
            if index == 0:
                links |= {f"{name}_SERVICE_PORT": str(port), f"{name}_PORT": url}
            if port_name:
                suffix = port_name.upper().replace("-", "_")
                links[f"{name}_SERVICE_PORT_{suffix}"] = str(port)
            stem = f"{name}_PORT_{port}_TCP"
            links |= {
                stem: url,
                f"{stem}_PROTO": "tcp",
                f"{stem}_PORT": str(port),
                f"{stem}_ADDR": address,
            }
    return links


def looked_up(
    fields: Fields, objects: Mapping[str, Mapping[str, bytes]]
) -> Mapping[str, bytes] | None:
    """Takes `name` and `optional` and finds the object; None where it may be absent and is.

    Raises:
        ManifestError: it must be there and is not.
    """
    name, optional = fields.need("name"), fields.take("optional", False)
    if (found := objects.get(name)) is None and not optional:
        raise ManifestError(f"{fields.where}: there is no {name}")
    return found


def _of_a_whole(entry: Fields, sources: Sources) -> dict[str, str]:
    with entry:
        prefix = entry.take("prefix", "")
        for kind, objects in _stores(sources, "configMapRef", "secretRef"):
            if (reference := entry.take(kind)) is not None:
                with Fields(reference, f"{entry.where}.{kind}") as fields:
                    found = looked_up(fields, objects) or {}
                return {
                    prefix + name: value.decode()
                    for name, value in found.items()
                    if _NAME.fullmatch(prefix + name)
                }
    raise ManifestError(f"{entry.where}: names no source")


def _referred(source: Fields, container: ContainerSpec, sources: Sources) -> str | None:
    with source:
        for kind, objects in _stores(sources, "configMapKeyRef", "secretKeyRef"):
            if (reference := source.take(kind)) is not None:
                return _key(Fields(reference, f"{source.where}.{kind}"), objects)
        if (reference := source.take("fieldRef")) is not None:
            return pod_field(Fields(reference, f"{source.where}.fieldRef"), sources)
        if (reference := source.take("resourceFieldRef")) is not None:
            return _resource(Fields(reference, f"{source.where}.resourceFieldRef"), container)
    raise ManifestError(f"{source.where}: names no source")


def _stores(
    sources: Sources, config_map: str, secret: str
) -> Iterator[tuple[str, Mapping[str, Mapping[str, bytes]]]]:
    yield config_map, sources.config_maps
    yield secret, sources.secrets


def _key(fields: Fields, objects: Mapping[str, Mapping[str, bytes]]) -> str | None:
    with fields:
        key, optional = fields.need("key"), fields.take("optional", False)
        name = fields.need("name")
    if (value := objects.get(name, {}).get(key)) is None:
        if optional:
            return None
        raise ManifestError(f"{fields.where}: there is no key {key} in {name}")
    return value.decode()


def pod_field(fields: Fields, sources: Sources) -> str:
    """Takes a reference to a field of the pod and finds its value.

    Raises:
        ManifestError: there is no such field.
    """
    with fields:
        path = fields.need("fieldPath")
        fields.must_be("apiVersion", "v1")
    if path not in sources.fields:
        raise ManifestError(f"{fields.where}: pods have no {path}")
    return sources.fields[path]


def _resource(fields: Fields, container: ContainerSpec) -> str:
    with fields:
        where, _, name = fields.need("resource").partition(".")
        divisor: Any = fields.take("divisor", "1")
        fields.must_be("containerName", container.name)
    amounts = {"limits": container.limits, "requests": container.requests}[where]
    if name not in amounts:
        raise ManifestError(f"{fields.where}: {container.name} has no {where}.{name}")
    return str(whole(amounts[name], "1" if str(divisor) == "0" else divisor))
