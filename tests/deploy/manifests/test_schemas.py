"""All that is rendered is what the APIs of Kubernetes take, with no field that they ignore."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.deploy.manifests.rendering import (
    COMPONENTS,
    KUSTOMIZE,
    OVERLAYS,
    Object,
    of_kind,
    parsed,
    rendered_text,
    tool,
)

_VERSIONS = ("1.31", "1.35", "1.36", "1.37")
"""The oldest that the manual names, and the newest three."""
_CUSTOM = yaml.safe_load((Path(__file__).parent / "custom_kinds.yaml").read_text())
_TIMEOUT_S = 100


@pytest.fixture(scope="module")
def files(
    tmp_path_factory: pytest.TempPathFactory, component_text: Callable[[str], str]
) -> dict[str, Path]:
    """All renderings as files, without the kinds that Kubernetes itself does not know."""
    folder = tmp_path_factory.mktemp("rendered")
    texts = {name: rendered_text(KUSTOMIZE / "overlays" / name) for name in OVERLAYS}
    texts |= {f"only-{name}": component_text(name) for name in COMPONENTS}
    files = {}
    for name, text in texts.items():
        files[name] = folder / f"{name}.yaml"
        own = [one for one in parsed(text) if not _is_custom(one)]
        own += [_autoscaler(one) for one in of_kind(parsed(text), "ScaledObject")]
        files[name].write_text(yaml.safe_dump_all(own))
    return files


@pytest.mark.parametrize("version", _VERSIONS)
def test_kubernetes_takes_it(files: dict[str, Path], version: str) -> None:
    done = _validated(version, *files.values())

    assert done.returncode == 0, done.stdout
    # A kind without a schema is only warned of.
    assert "WARN" not in done.stdout


def test_a_field_that_there_is_not_is_found(files: dict[str, Path], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(files["gpu"].read_text().replace("periodSeconds", "periodSecond", 1))

    assert _validated(_VERSIONS[0], wrong).returncode != 0


def test_custom_kinds_have_the_fields_of_their_own(every: list[Object]) -> None:
    for one in filter(_is_custom, every):
        problems = list(_validator(one).iter_errors({k: one[k] for k in ("metadata", "spec")}))
        assert one.keys() == {"apiVersion", "kind", "metadata", "spec"}
        assert problems == []


def test_every_custom_kind_is_in_use(component_text: Callable[[str], str]) -> None:
    used = {_kind(one) for name in COMPONENTS for one in parsed(component_text(name))}

    assert used >= _CUSTOM["kinds"].keys()


def _is_custom(one: Object) -> bool:
    return _kind(one) in _CUSTOM["kinds"]


def _kind(one: Object) -> str:
    return f"{one['apiVersion']}/{one['kind']}"


def _validator(one: Object) -> Draft202012Validator:
    return Draft202012Validator(
        {
            "definitions": _CUSTOM["definitions"],
            "type": "object",
            "required": ["metadata", "spec"],
            "properties": {
                "metadata": {"$ref": "#/definitions/metadata"},
                "spec": _CUSTOM["kinds"][_kind(one)],
            },
        }
    )


def _autoscaler(scaled: Object) -> Object:
    """The autoscaler that KEDA makes, as far as its behaviour goes."""
    spec = scaled["spec"]
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": scaled["metadata"]["name"]},
        "spec": {
            "scaleTargetRef": spec["scaleTargetRef"],
            "minReplicas": spec["minReplicaCount"],
            "maxReplicas": spec["maxReplicaCount"],
            "behavior": spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"],
        },
    }


def _validated(version: str, *files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tool("kubernetes-validate"), "--strict", "-k", version, *files],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
