from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.manifests import rendering
from tests.deploy.manifests.rendering import COMPONENTS, KUSTOMIZE, OVERLAYS, Object

_ALONE = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [{base}]
components: [{component}]
"""


@pytest.fixture(scope="session")
def component_text(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """What comes of a component alone over the base."""

    def text(component: str) -> str:
        folder = tmp_path_factory.getbasetemp() / "alone" / component
        if not folder.exists():
            folder.mkdir(parents=True)
            base, itself = (
                _path(folder, KUSTOMIZE / part) for part in ("base", f"components/{component}")
            )
            (folder / "kustomization.yaml").write_text(_ALONE.format(base=base, component=itself))
        return rendering.rendered_text(folder)

    return text


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> str:
    """The name of each overlay in turn."""
    name: str = request.param
    return name


@pytest.fixture
def objects(overlay: str) -> list[Object]:
    """The objects of each overlay in turn."""
    return rendering.rendered(overlay)


@pytest.fixture(
    params=[*(f"overlays/{name}" for name in OVERLAYS), *(f"components/{c}" for c in COMPONENTS)]
)
def every(request: pytest.FixtureRequest, component_text: Callable[[str], str]) -> list[Object]:
    """The objects of each overlay, and of each component alone over the base."""
    kind, _, name = request.param.partition("/")
    return (
        rendering.rendered(name) if kind == "overlays" else rendering.parsed(component_text(name))
    )


def _path(folder: Path, target: Path) -> str:
    # Kustomize takes no absolute paths.
    return "/".join([".."] * (len(folder.resolve().parts) - 1)) + str(target)
