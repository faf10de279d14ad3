"""The overlays `cpu-small` and `gpu` run as they are rendered, the latter's Triton on the CPU."""

from pathlib import Path

import pytest
from benchmarks.pictures import enlarged_jpeg

from tests.deploy.pods.mattebox import deployed, skip_where_impossible

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.mark.parametrize("overlay", ["cpu-small", "gpu"])
def test_an_overlay_with_a_database_of_its_own_answers(overlay: str, tmp_path: Path) -> None:
    skip_where_impossible()
    with deployed(overlay, tmp_path) as mattebox:
        mattebox.make_account()
        answer = mattebox.sent(mattebox.make_key("--quiet"), enlarged_jpeg(0.02))

        assert answer.status == "200", answer.body
        # None has been started again either, whether the gateway came before its database or not.
        assert not mattebox.cluster.harms
