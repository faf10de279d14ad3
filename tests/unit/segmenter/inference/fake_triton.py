"""A small real server that speaks Triton's protocol, whose answers are data."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import grpc
import numpy as np
from google.protobuf import text_format
from numpy.typing import NDArray
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc

CONFIG = text_format.Parse(
    """
    name: "toy" max_batch_size: 4
    input [{ name: "image" data_type: TYPE_UINT8 dims: [2, 3, 3] }]
    output [{ name: "alpha" data_type: TYPE_FP32 dims: [2, 3] }]
    """,
    model_config_pb2.ModelConfig(),
)
Refusal = tuple[grpc.StatusCode, str]


@dataclass
class FakeTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Answers with each picture's red channel over 255, after the refusals it is given."""

    refusals: list[Refusal] = field(default_factory=list)
    dtype: type = np.float32
    hang: bool = False
    poison: int | None = None
    """A batch with a picture that begins with this value fails."""
    spoil: Callable[[NDArray[np.float32]], NDArray[np.float32]] = lambda alphas: alphas
    calls: int = 0
    cancelled: int = 0
    last_timeout_us: int = 0
    last_alone: bool | None = None
    last_metadata: dict[str, object] = field(default_factory=dict)

    async def ServerReady(self, request: object, context: object) -> object:  # noqa: ARG002, N802
        return service_pb2.ServerReadyResponse(ready=True)

    async def ModelReady(self, request: object, context: object) -> object:  # noqa: ARG002, N802
        return service_pb2.ModelReadyResponse(ready=request.name == "toy")  # type: ignore[attr-defined]

    async def ModelConfig(self, request: object, context: object) -> object:  # noqa: ARG002, N802
        return service_pb2.ModelConfigResponse(config=CONFIG)

    async def ModelInfer(self, request, context):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, N802
        self.calls += 1
        self.last_metadata = dict(context.invocation_metadata())
        self.last_timeout_us = request.parameters["timeout"].int64_param
        self.last_alone = request.parameters["alone"].bool_param
        if self.hang:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if self.refusals:
            await context.abort(*self.refusals.pop(0))
        pixels_u8 = np.frombuffer(request.raw_input_contents[0], np.uint8)
        batch_u8 = pixels_u8.reshape(request.inputs[0].shape)
        if self.poison in batch_u8[:, 0, 0, 0]:
            await context.abort(grpc.StatusCode.INTERNAL, "The network failed.")
        alphas = self.spoil(batch_u8[..., 0].astype(self.dtype) / 255)
        answer = service_pb2.ModelInferResponse(model_name="toy")
        answer.outputs.add(
            name="alpha",
            datatype="FP32" if self.dtype is np.float32 else "FP64",
            shape=alphas.shape,
        )
        answer.raw_output_contents.append(alphas.astype(self.dtype).tobytes())
        return answer
