"""The networks a process serves."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from segmenter.deadline import Deadline
from segmenter.engine_watch import EngineWatch
from segmenter.errors import EngineFailedError, EngineUnavailableError, ModelNotFoundError
from segmenter.inference.batcher import BatchPolicy
from segmenter.metrics import Metrics
from segmenter.served_models import ServedModels
from tests.unit.segmenter.fake_engine import SIZE_PX, FakeEngine, spec


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(specs={"red": spec("red"), "plain": spec("plain", known=False)})


@pytest.fixture
async def models(engine: FakeEngine) -> AsyncIterator[ServedModels]:
    watch = EngineWatch(Metrics(CollectorRegistry()).engine)
    served = ServedModels(("red", "plain"), engine, BatchPolicy(8, 1), watch)
    yield served
    await served.close()


async def test_before_they_are_loaded_requests_are_told_to_wait(models: ServedModels) -> None:
    with pytest.raises(EngineUnavailableError, match="still loading"):
        models.batcher("red")
    with pytest.raises(EngineUnavailableError):
        models.specs()
    assert models.queued == 0


async def test_the_first_is_the_default(models: ServedModels) -> None:
    await models.prove()
    assert models.default == "red"
    assert models.batcher(None) is models.batcher("red")
    assert [each.name for each in models.specs()] == ["red", "plain"]


async def test_another_name_is_not_found(models: ServedModels) -> None:
    with pytest.raises(ModelNotFoundError) as refusal:
        models.batcher("blue")
    assert refusal.value.metadata == {"model": "blue"}
    assert str(refusal.value).endswith("ListModels tells which are.")


@pytest.mark.parametrize(("letters", "told"), [(128, 128), (129, 128)])
async def test_no_more_of_a_name_is_told_than_a_name_can_have(
    models: ServedModels, letters: int, told: int
) -> None:
    with pytest.raises(ModelNotFoundError) as refusal:
        models.batcher("b" * letters)
    assert refusal.value.metadata == {"model": "b" * told}


async def test_a_wrong_answer_is_no_proof(models: ServedModels, engine: FakeEngine) -> None:
    engine.answer = lambda batch_u8: np.zeros(batch_u8.shape[:3], np.float32)
    with pytest.raises(EngineFailedError, match="computes the model red wrongly"):
        await models.prove()
    with pytest.raises(EngineUnavailableError):
        models.batcher("red")


async def test_a_network_without_a_known_answer_is_served(models: ServedModels) -> None:
    await models.prove()
    alpha_f32 = (
        await models.batcher("plain").infer(
            "caller", np.full((SIZE_PX, SIZE_PX, 3), 51, np.uint8), Deadline.after(5)
        )
    ).alpha_f32
    assert np.allclose(alpha_f32, 0.2)


async def test_a_second_proof_keeps_the_batchers(models: ServedModels) -> None:
    await models.prove()
    before = models.batcher("red")
    await models.prove()
    assert models.batcher("red") is before


async def test_a_network_of_another_shape_gets_a_new_batcher(
    models: ServedModels, engine: FakeEngine
) -> None:
    await models.prove()
    before = models.batcher("red")
    engine.specs["red"] = spec("red", max_batch_size=2)
    await models.prove()
    assert models.batcher("red") is not before
    assert models.batcher("red").spec.max_batch_size == 2


async def test_all_networks_must_be_at_hand(models: ServedModels, engine: FakeEngine) -> None:
    assert await models.ready()
    del engine.specs["plain"]
    assert not await models.ready()


async def test_closing_closes_the_engine(models: ServedModels, engine: FakeEngine) -> None:
    await models.prove()
    await models.close()
    assert engine.closed


async def test_patience_is_some_seconds_or_two_full_batches_of_the_slowest_network(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    times_s = iter([0, 0.1, 1, 1.1, 2, 5, 6, 9])  # begin and end of the proofs of both networks
    watch = EngineWatch(Metrics(CollectorRegistry()).engine)
    models = ServedModels(("red", "plain"), engine, BatchPolicy(8, 1), watch)
    assert models.patience_s == 5
    clock = SimpleNamespace(monotonic=lambda: next(times_s))
    monkeypatch.setattr("segmenter.served_models.time", clock)

    await models.prove()
    assert models.patience_s == 5
    engine.specs["slow"] = spec("slow")
    slow = ServedModels(("slow",), engine, BatchPolicy(8, 1), watch)
    await slow.prove()
    assert slow.patience_s == 2 * 4 * 3

    await models.close()
    await slow.close()


async def test_the_first_proof_of_each_network_has_more_time_than_the_later_ones(
    models: ServedModels, engine: FakeEngine
) -> None:
    await models.prove()
    await models.prove()

    assert engine.timeouts_s == [20, 20, 5, 5]
