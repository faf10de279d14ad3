"""The pipeline in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks.in_process import Replay, environment_of, in_process

from segmenter.inference.in_process import InProcessEngine
from tests import toy_network

PHOTO = Path(__file__).parents[2] / "data" / "coffee.jpg"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    toy_network.install(tmp_path, "toy")
    return tmp_path


@pytest.mark.parametrize("replay", [False, True])
def test_pictures_are_cut_out_with_the_settings_of_the_environment(
    repository: Path, *, replay: bool
) -> None:
    environment = os.environ | {
        "MATTEBOX_SEGMENTER_ENGINE_KIND": "onnxruntime",
        "MATTEBOX_SEGMENTER_ENGINE_MODEL_REPOSITORY": str(repository),
        "MATTEBOX_SEGMENTER_ENGINE_MODELS": "toy",
    }
    with in_process(environment, replay=replay) as direct:
        calls = [direct.cut_out(PHOTO) for _ in range(2)]
    for call in calls:
        assert 0 <= call.infer_s < call.seconds
        assert call.cpu_s > 0


async def test_remembered_answers_are_the_engines_own(repository: Path) -> None:
    engine = InProcessEngine(repository, threads=1)
    replay = Replay(engine)
    first_u8, second_u8 = toy_network.pictures(1, seed=0), toy_network.pictures(1, seed=1)
    try:
        assert await replay.spec("toy") == await engine.spec("toy")
        expected_f32 = await engine.infer("toy", first_u8, 10.0)
        answers_f32 = [await replay.infer("toy", first_u8, 10.0) for _ in range(2)]
        other_f32 = await replay.infer("toy", second_u8, 10.0)
    finally:
        await replay.close()
    np.testing.assert_array_equal(answers_f32[0], expected_f32)
    assert answers_f32[1] is answers_f32[0]
    assert not np.array_equal(other_f32, expected_f32)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_environment_of_a_process_is_read_as_it_is() -> None:
    environment = {"MATTEBOX_SEGMENTER_ENGINE_KIND": "triton", "WITH_EQUALS": "a=b", "EMPTY": ""}
    command = [sys.executable, "-c", "print('begun', flush=True); input()"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        found = environment_of(process.pid)
        process.communicate(b"\n")
    assert found == environment
