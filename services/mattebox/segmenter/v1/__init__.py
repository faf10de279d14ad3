"""Messages and enums of ``mattebox.segmenter.v1``.

The stubs and servicers, which need grpc, stand apart in ``segmenter_pb2_grpc``.
"""

from mattebox.segmenter.v1.error_reason_pb2 import ErrorReason
from mattebox.segmenter.v1.segmenter_pb2 import (
    CheckAdmissionRequest,
    CheckAdmissionResponse,
    Color,
    CommercialUse,
    CutOut,
    CutOutHead,
    CutOutOptions,
    GoAhead,
    ImageHead,
    ListModelsRequest,
    ListModelsResponse,
    Model,
    OutputChannels,
    OutputFormat,
    RemoveBackgroundChunkedRequest,
    RemoveBackgroundChunkedResponse,
    RemoveBackgroundRequest,
    RemoveBackgroundResponse,
    StageTimings,
    StreamRemoveBackgroundRequest,
    StreamRemoveBackgroundResponse,
)

__all__ = [
    "CheckAdmissionRequest",
    "CheckAdmissionResponse",
    "Color",
    "CommercialUse",
    "CutOut",
    "CutOutHead",
    "CutOutOptions",
    "ErrorReason",
    "GoAhead",
    "ImageHead",
    "ListModelsRequest",
    "ListModelsResponse",
    "Model",
    "OutputChannels",
    "OutputFormat",
    "RemoveBackgroundChunkedRequest",
    "RemoveBackgroundChunkedResponse",
    "RemoveBackgroundRequest",
    "RemoveBackgroundResponse",
    "StageTimings",
    "StreamRemoveBackgroundRequest",
    "StreamRemoveBackgroundResponse",
]
