import pytest

from segmenter.imaging.limits import ImageLimits, install_pillow_limits


@pytest.fixture(autouse=True)
def _pillow_as_in_the_service() -> None:
    install_pillow_limits(ImageLimits())
