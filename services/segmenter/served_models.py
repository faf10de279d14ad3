"""The networks this process serves: which, whether they are loaded, and who batches for them."""

import asyncio
from collections.abc import Sequence

from segmenter.errors import EngineFailedError, EngineUnavailableError, ModelNotFoundError
from segmenter.inference import known_answer
from segmenter.inference.batch import BatchObserver
from segmenter.inference.batcher import Batcher, BatchLimits
from segmenter.inference.engine import Engine, ModelSpec

_PROBE_TIMEOUT_S = 20.0

_TOLD_LETTERS = 128
"""Most of a wrong name that is told: no installed one is longer."""


class ServedModels:
    """Batchers by the names of their networks, the default first."""

    def __init__(
        self, names: Sequence[str], engine: Engine, limits: BatchLimits, observer: BatchObserver
    ) -> None:
        self.names = tuple(names)
        self._engine = engine
        self._limits = limits
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

    def queued(self, name: str) -> int:
        """How many pictures wait for a network."""
        return self._batchers[name].queued if name in self._batchers else 0

    async def ready(self) -> bool:
        """Tells whether the engine has every network at hand."""
        return all([await self._engine.ready(name) for name in self.names])

    async def prove(self) -> None:
        """Loads what is not loaded, and compares one answer of every network with the known one.

        Raises:
            SegmenterError: a network cannot be used, for that reason.
        """
        for name in self.names:
            spec = await self._engine.spec(name)
            await self._compare(spec)
            if name not in self._batchers or self._batchers[name].spec != spec:
                self._replace(spec)

    async def _compare(self, spec: ModelSpec) -> None:
        picture_u8 = known_answer.picture(spec.input_height_px, spec.input_width_px)
        alphas_f32 = await self._engine.infer(spec.name, picture_u8[None], _PROBE_TIMEOUT_S)
        if spec.known_answer is None:
            return  # an operator's own network may bring none; its shape was checked
        difference = known_answer.largest_difference(alphas_f32[0], spec.known_answer)
        if difference > known_answer.TOLERANCE:
            raise EngineFailedError(
                f"The engine computes the model {spec.name} wrongly: its matte of the known picture"
                f" is off by {difference:.3f}, where {known_answer.TOLERANCE} is allowed.",
                model=spec.name,
            )

    def _replace(self, spec: ModelSpec) -> None:
        """Puts a batcher of the network's new shape in place of the old one, which drains."""
        old = self._batchers.get(spec.name)
        self._batchers[spec.name] = Batcher(self._engine, spec, self._limits, self._observer)
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
