"""What the tests of deployments share."""

import pytest

from tests.deploy.images import standing_in
from tests.deploy.images.standing_in import Image


@pytest.fixture(scope="session")
def engine() -> None:
    """Something that builds and runs images; skips where there is none."""
    if reason := standing_in.why_not():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def gateway_image(engine: None) -> Image:  # noqa: ARG001 - it has to be there
    """The built image of the gateway."""
    return standing_in.built("mattebox-gateway")


@pytest.fixture(scope="session")
def segmenter_image(engine: None) -> Image:  # noqa: ARG001 - it has to be there
    """The built image of the segmenter."""
    return standing_in.built("mattebox-segmenter")


@pytest.fixture(scope="session")
def models_image(engine: None) -> Image:  # noqa: ARG001 - it has to be there
    """The built image with the default network."""
    return standing_in.built("mattebox-models")


@pytest.fixture(scope="session")
def up_image(engine: None) -> Image:  # noqa: ARG001 - it has to be there
    """The built image of the whole service."""
    return standing_in.built("mattebox-up")
