"""The environment in which a rendered container starts, and the settings that the services read."""

from collections.abc import Iterable, Mapping
from typing import TypeVar
from unittest.mock import patch

from environment import Settings, read_settings
from gateway.settings import GatewaySettings
from segmenter.settings import SegmenterSettings
from tests.deploy.manifests.rendering import Object, container, named

AnySettings = TypeVar("AnySettings", bound=Settings)

SECRETS: Mapping[tuple[str, str], str] = {
    ("mattebox-keys", "pepper"): "00" * 32,
    ("mattebox-database", "url"): "postgresql://mattebox:secret@db.example/mattebox",
    ("mattebox-postgres", "password"): "secret",
}
"""What operators make by themselves, as deploy/kustomize/README.md asks them to."""


def variables(objects: Iterable[Object], workload: Object, name: str) -> dict[str, str]:
    """The variables of the container `name`: of its maps, and its own, which come after them."""
    objects = list(objects)
    one = container(workload, name)
    found: dict[str, str] = {}
    for source in one.get("envFrom", []):
        found.update(_of_map(objects, source["configMapRef"]["name"]))
    for entry in one.get("env", []):
        if "value" in entry:
            found[entry["name"]] = entry["value"]
        else:
            reference = entry["valueFrom"]["secretKeyRef"]
            found[entry["name"]] = SECRETS[reference["name"], reference["key"]]
    return found


def settings(settings_type: type[AnySettings], environment: Mapping[str, str]) -> AnySettings:
    """What a service reads out of an environment, as at its start.

    Raises:
        SettingsError: it would not start.
    """
    with patch.dict("os.environ", environment, clear=True):
        return read_settings(settings_type)


def gateway_settings(objects: Iterable[Object]) -> GatewaySettings:
    """The settings of the gateway in a rendering."""
    objects = list(objects)
    workload = named(objects, "Deployment", "mattebox-gateway")
    return settings(GatewaySettings, variables(objects, workload, "gateway"))


def segmenter_settings(objects: Iterable[Object]) -> SegmenterSettings:
    """The settings of the segmenter in a rendering."""
    objects = list(objects)
    workload = named(objects, "Deployment", "mattebox-segmenter")
    return settings(SegmenterSettings, variables(objects, workload, "segmenter"))


def _of_map(objects: Iterable[Object], name: str) -> dict[str, str]:
    for an_object in objects:
        if an_object["kind"] == "ConfigMap" and an_object["metadata"]["name"] == name:
            data: dict[str, str] = an_object["data"]
            return data
    raise AssertionError(f"There is no ConfigMap {name}.")
