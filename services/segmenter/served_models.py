"""The networks this process serves: which, whether they are loaded, and who batches for them."""

import asyncio
import time
from collections.abc import Sequence

from segmenter.errors import (
    DeadlinePassedError,
    EngineFailedError,
    EngineUnavailableError,
    ModelNotFoundError,
)
from segmenter.inference import known_answer
from segmenter.inference.batch import BatchObserver
from segmenter.inference.batcher import Batcher, BatchPolicy
from segmenter.inference.engine import Engine, ModelSpec
from segmenter.inference.watched import WatchedEngine

_FIRST_PROOF_S = 20.0
_LEAST_PATIENCE_S = 5.0
_PATIENCE_BATCHES = 2
_LONGEST_USUAL_S = 10.0

_TOLD_LETTERS = 128
"""Most of a wrong name that is told: no installed one is longer."""


class ServedModels:
    """Batchers by the names of their networks, the default first."""

    def __init__(
        self,
        names: Sequence[str],
        engine: Engine,
        policy: BatchPolicy,
        observer: BatchObserver,
        least_patience_s: float = _LEAST_PATIENCE_S,
    ) -> None:
        self.names = tuple(names)
        self.watched = WatchedEngine(engine)
        self._engine = engine
        self._least_patience_s = least_patience_s
        self._full_batch_s: dict[str, float] = {}
        self._policy = policy
        self._observer = observer
        self._batchers: dict[str, Batcher] = {}
        self._draining: set[asyncio.Task[None]] = set()

    @property
    def default(self) -> str:
        """The network of requests that name none."""
        return self.names[0]

    def batcher(self, name: str | None) -> Batcher:
        """Finds the batcher of a network, of the default for None.

        Raises:
            ModelNotFoundError: it is not served here.
            EngineUnavailableError: it is not loaded yet.
        """
        name = name or self.default
        if name not in self.names:
            told = name[:_TOLD_LETTERS]
            raise ModelNotFoundError(
                f"The model {told!r} is not served here; ListModels tells which are.", model=told
            )
        if name not in self._batchers:
            raise EngineUnavailableError(f"The model {name} is still loading; retry later.")
        return self._batchers[name]

    def specs(self) -> list[ModelSpec]:
        """Describes all networks.

        Raises:
            EngineUnavailableError: one is not loaded yet.
        """
        return [self.batcher(name).spec for name in self.names]

    @property
    def queued(self) -> int:
        """How many pictures wait for a network. This and the next two are safe on any thread."""
        return sum(batcher.queued for batcher in list(self._batchers.values()))

    @property
    def queue_age_s(self) -> float:
        """For how long the one has waited for a network that has waited longest."""
        return max((batcher.oldest_s for batcher in list(self._batchers.values())), default=0.0)

    @property
    def batches_running(self) -> int:
        """How many batches the engine is at work on."""
        return sum(batcher.running for batcher in list(self._batchers.values()))

    @property
    def patience_s(self) -> float:
        """How long an engine may leave calls unanswered before that is odd.

        Twice the time of a full batch of the slowest network, going by its proofs, or of the calls
        that lately took longest, behind those of other segmenters; or some seconds.
        """
        full_batch_s = max(self._full_batch_s.values(), default=0.0)
        usual_s = min(self.watched.usual_s, _LONGEST_USUAL_S)
        return max(self._least_patience_s, _PATIENCE_BATCHES * max(full_batch_s, usual_s))

    async def ready(self) -> bool:
        """Tells whether the engine has every network at hand."""
        return all([await self._engine.ready(name) for name in self.names])

    async def prove(self) -> None:
        """Loads what is not loaded, and compares one answer of every network with the known one.

        Raises:
            DeadlinePassedError: there was no answer within the patience, or at first in 20 s.
            SegmenterError: a network cannot be used, for that reason.
        """
        for name in self.names:
            spec = await self._spec(name)
            started_s = time.monotonic()
            is_first = name not in self._batchers
            await self._compare(spec, _FIRST_PROOF_S if is_first else self.patience_s)
            self._note_pace(spec, time.monotonic() - started_s)
            if name not in self._batchers or self._batchers[name].spec != spec:
                self._replace(spec)

    async def _spec(self, name: str) -> ModelSpec:
        try:
            return await self._engine.spec(name)
        except DeadlinePassedError as error:  # which is to say something of computing only
            raise EngineUnavailableError("The engine does not tell its models.") from error

    async def _compare(self, spec: ModelSpec, timeout_s: float) -> None:
        picture_u8 = known_answer.picture(spec.input_height_px, spec.input_width_px)
        alphas_f32 = await self._engine.infer(spec.name, picture_u8[None], timeout_s)
        if spec.known_answer is None:
            return  # an operator's own network may bring none; its shape was checked
        difference = known_answer.largest_difference(alphas_f32[0], spec.known_answer)
        if difference > known_answer.TOLERANCE:
            raise EngineFailedError(
                f"The engine computes the model {spec.name} wrongly: its matte of the known picture"
                f" is off by {difference:.3f}, where {known_answer.TOLERANCE} is allowed.",
                model=spec.name,
            )

    def _note_pace(self, spec: ModelSpec, proof_s: float) -> None:
        """Keeps the shortest time, which has the least of other work in it."""
        full_batch_s = spec.max_batch_size * proof_s
        self._full_batch_s[spec.name] = min(
            full_batch_s, self._full_batch_s.get(spec.name, full_batch_s)
        )

    def _replace(self, spec: ModelSpec) -> None:
        """Puts a batcher of the network's new shape in place of the old one, which drains."""
        old = self._batchers.get(spec.name)
        self._batchers[spec.name] = Batcher(self.watched, spec, self._policy, self._observer)
        if old is not None:
            draining = asyncio.create_task(old.close())
            self._draining.add(draining)
            draining.add_done_callback(self._draining.discard)

    async def close(self) -> None:
        """Answers what is queued, then lets go of the engine."""
        for batcher in self._batchers.values():
            await batcher.close()
        if self._draining:
            await asyncio.wait(self._draining)
        await self._engine.close()
