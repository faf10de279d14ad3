import pytest

from tests.unit.segmenter.imaging.kernels.variants import RUN_HERE, use


@pytest.fixture(params=RUN_HERE)
def each_variant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a test with each variant that this machine can run."""
    use(request.param, monkeypatch)
