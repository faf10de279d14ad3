"""The engine that runs networks in this process, where no Triton can run."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segmenter.errors import DeadlinePassedError, EngineFailedError, EngineUnavailableError
from segmenter.inference.engine import ModelSpec
from segmenter.inference.model_config import read_config, spec_from_config
from segmenter.inference.networks import Network, open_network
from segmenter.inference.runtimes import CpuRuntime, RuntimeMissingError

R = TypeVar("R")


class InProcessEngine:
    """Loads networks out of a Triton model repository on first use."""

    def __init__(
        self, repository: Path, threads: int, runtime: CpuRuntime = CpuRuntime.AUTO
    ) -> None:
        self._repository = repository
        self._threads = threads
        self._runtime = runtime
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="loading")
        self._networks: dict[str, _Loaded] = {}

    async def spec(self, model: str) -> ModelSpec:
        """See `Engine.spec`. Loads the network."""
        spec = spec_from_config(read_config(self._repository, model))
        if model not in self._networks:
            self._networks[model] = await _on(self._loader, partial(self._load, model))
        return spec

    async def ready(self, model: str) -> bool:
        """See `Engine.ready`."""
        return model in self._networks

    async def infer(
        self, model: str, batch_u8: NDArray[np.uint8], timeout_s: float, *, alone: bool = True
    ) -> NDArray[np.float32]:
        """See `Engine.infer`. A run that has started cannot be stopped, only left alone."""
        loaded = self._networks.get(model)
        if loaded is None:
            raise EngineUnavailableError(f"The model {model} is not loaded.")
        run = partial(loaded.network.run, batch_u8, alone=alone)
        try:
            async with asyncio.timeout(timeout_s):
                return await _on(loaded.waiters, run)
        except TimeoutError:
            raise DeadlinePassedError("The deadline passed while the model ran.") from None
        except Exception as error:
            raise EngineFailedError("The model failed on this picture.") from error

    def _load(self, model: str) -> "_Loaded":
        path = self._repository / model / "1" / "model.onnx"
        if not path.is_file():
            raise EngineUnavailableError(
                f"The model {model} is not installed; run `mattebox models install {model}`."
            )
        try:
            return _Loaded(open_network(path, self._threads, runtime=self._runtime))
        except RuntimeMissingError as error:
            raise EngineUnavailableError(str(error)) from error
        except Exception as error:
            raise EngineFailedError(
                f"The model {model} cannot be loaded; `mattebox models verify` says more."
            ) from error

    async def close(self) -> None:
        """Waits for runs in flight and frees the networks."""
        self._loader.shutdown(wait=True)
        while self._networks:
            self._networks.popitem()[1].close()


class _Loaded:
    """A network with the threads that wait for it, while it computes on its own."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.waiters = ThreadPoolExecutor(network.runs_at_a_time, thread_name_prefix="inference")

    def close(self) -> None:
        """Waits for runs in flight and frees the network."""
        self.waiters.shutdown(wait=True)
        self.network.close()


async def _on(threads: ThreadPoolExecutor, step: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(threads, step)
