"""The engine that hands pictures to an NVIDIA Triton server over gRPC."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import grpc
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import InferInput, InferRequestedOutput
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from bounds import RetryBudget
from certificates import TlsFiles, TlsMaterial
from segmenter.deadline import Deadline
from segmenter.errors import EngineFailedError
from segmenter.inference.engine import ModelSpec
from segmenter.inference.model_config import (
    ALONE_PARAMETER,
    INPUT_NAME,
    OUTPUT_NAME,
    spec_from_config,
)
from segmenter.inference.triton_errors import Meaning, meaning_of, status_name, translate
from telemetry.tracing import Name, Span, answered_call

_METHOD = "inference.GRPCInferenceService/ModelInfer"
_CONTROL_TIMEOUT_S = 2.0
_RETRY_PAUSE_S = (0.05, 0.15)
_UNANSWERED_BEFORE_RENEWAL = 2

_CHANNEL_OPTIONS: list[tuple[str, int | str]] = [
    ("grpc.max_send_message_length", 256 * 2**20),
    ("grpc.max_receive_message_length", 256 * 2**20),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
    # Look for a restarted server every second; the default backs off to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # And for its name, which by default is asked for once in half a minute.
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    ("grpc.lb_policy_name", "round_robin"),
    # A channel that is made anew must not find the connection of the one before.
    ("grpc.use_local_subchannel_pool", 1),
    # Retries here know a full queue from a lost server; the channel's own do not.
    ("grpc.enable_retries", 0),
    # Pictures go to nobody else, whatever proxy the environment names for other traffic.
    ("grpc.enable_http_proxy", 0),
]


class TritonEngine:
    """Speaks to one Triton target, one or several replicas behind a name.

    With ``tls`` it speaks TLS, and ``name`` is the one in Triton's certificate, where that is not
    the target's.

    Raises:
        CertificateError: the files of TLS cannot be used.
    """

    def __init__(self, target: str, tls: TlsFiles | None = None, name: str | None = None) -> None:
        options = list(_CHANNEL_OPTIONS)
        if name is not None:
            options.append(("grpc.ssl_target_name_override", name))
        self._open = partial(
            InferenceServerClient,
            target,
            creds=None if tls is None else _credentials(tls.read()),
            channel_args=options,
        )
        self._client = self._open()
        self._unanswered = 0
        self._retries = RetryBudget()

    async def spec(self, model: str) -> ModelSpec:
        """See `Engine.spec`. Reads the configuration the server has loaded."""
        try:
            answer = await self._client.get_model_config(model, client_timeout=_CONTROL_TIMEOUT_S)
        except InferenceServerException as error:
            await self._note_unanswered(error)
            raise translate(error) from error
        self._unanswered = 0
        return spec_from_config(answer.config)

    async def ready(self, model: str) -> bool:
        """See `Engine.ready`."""
        try:
            ready = bool(
                await self._client.is_server_ready(client_timeout=_CONTROL_TIMEOUT_S)
                and await self._client.is_model_ready(model, client_timeout=_CONTROL_TIMEOUT_S)
            )
        except InferenceServerException as error:
            await self._note_unanswered(error)
            return False
        self._unanswered = 0
        return ready

    async def infer(
        self, model: str, batch_u8: NDArray[np.uint8], timeout_s: float, *, alone: bool = True
    ) -> NDArray[np.float32]:
        """See `Engine.infer`. A server that is gone is asked once more, within a retry budget."""
        deadline = Deadline.after(timeout_s)
        try:
            return await self._attempt(model, batch_u8, deadline, alone=alone)
        except InferenceServerException as error:
            if meaning_of(error) is not Meaning.GONE:
                raise translate(error) from error
            self._retries.note_failure()
            pause_s = random.uniform(*_RETRY_PAUSE_S)  # noqa: S311 - spreads load, no secret
            if not self._retries.allows_retry or deadline.remaining_s <= pause_s:
                raise translate(error) from error
            await asyncio.sleep(pause_s)
        try:
            return await self._attempt(model, batch_u8, deadline, alone=alone)
        except InferenceServerException as error:
            raise translate(error) from error

    async def _attempt(
        self, model: str, batch_u8: NDArray[np.uint8], deadline: Deadline, *, alone: bool
    ) -> NDArray[np.float32]:
        deadline.check()
        tensor = InferInput(INPUT_NAME, batch_u8.shape, "UINT8")
        tensor.set_data_from_numpy(batch_u8)
        with _client_span(model) as span:
            answer = await self._client.infer(
                model,
                [tensor],
                outputs=[InferRequestedOutput(OUTPUT_NAME)],
                # Triton's front end does not read the gRPC deadline; its queue reads this, in µs.
                timeout=int(deadline.remaining_s * 1e6),
                client_timeout=deadline.remaining_s,
                # Triton traces whatever tells of a trace, also of one that is not sampled.
                headers=span.headers() if span.is_recorded else None,
                parameters={ALONE_PARAMETER: alone},
            )
        self._retries.note_success()
        return _checked(answer.as_numpy(OUTPUT_NAME), batch_u8.shape[:3])

    async def _note_unanswered(self, error: InferenceServerException) -> None:
        """Connects anew where nothing is answered any more: only this end may hold it connected.

        Keepalive would find out too, but rarely: Triton takes frequent pings for an attack.
        """
        if meaning_of(error) is not Meaning.EXPIRED:
            return
        self._unanswered += 1
        if self._unanswered >= _UNANSWERED_BEFORE_RENEWAL:
            self._unanswered = 0
            silent, self._client = self._client, self._open()
            await silent.close()

    async def close(self) -> None:
        """Closes the channel; calls in flight end as unavailable."""
        await self._client.close()


@contextmanager
def _client_span(model: str) -> Iterator[Span]:
    """One question to the server, which is the server's part of the trace if it traces."""
    with answered_call(_METHOD, InferenceServerException, status_name) as span:
        span.tell({Name.MODEL: model})
        yield span


def _credentials(material: TlsMaterial) -> grpc.ChannelCredentials:
    identity = material.identity
    if identity is None:
        return grpc.ssl_channel_credentials(material.authorities)
    return grpc.ssl_channel_credentials(material.authorities, identity.key, identity.chain)


def _checked(alpha: NDArray[np.float32] | None, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if alpha is None or alpha.shape != shape or alpha.dtype != np.float32:
        found = "nothing" if alpha is None else f"{alpha.dtype} {list(alpha.shape)}"
        raise EngineFailedError(
            f"The inference server answered with {found}, not float32 {list(shape)}."
        )
    return alpha
