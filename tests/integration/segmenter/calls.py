"""Asking a segmenter for a cut-out, and reading what comes back."""

import io
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call
from PIL import Image

from mattebox.segmenter import v1
from tests.integration.segmenter.conftest import Segmenter

Detail = TypeVar("Detail", bound=Message)


async def cut(
    segmenter: Segmenter, image: bytes, timeout_s: float = 20, **options: Any
) -> v1.CutOut:
    request = v1.RemoveBackgroundRequest(image=image, options=v1.CutOutOptions(**options))
    response: v1.RemoveBackgroundResponse = await segmenter.stub.RemoveBackground(
        request, timeout=timeout_s
    )
    return response.cut_out


def opened(cut_out: v1.CutOut) -> Image.Image:
    """Opens an answer as what it says it is."""
    name = v1.OutputFormat.Name(cut_out.format).removeprefix("OUTPUT_FORMAT_")
    image = Image.open(io.BytesIO(cut_out.image), formats=[name])
    image.load()
    return image


def unpacked(error: grpc.aio.AioRpcError, detail: Detail) -> Detail:
    """Reads the one detail of a kind that an error has."""
    status = from_call(cast("grpc.Call", error))
    assert status is not None
    (packed,) = [each for each in status.details if each.Is(detail.DESCRIPTOR)]
    packed.Unpack(detail)
    return detail


def details(error: grpc.aio.AioRpcError) -> Any:
    return unpacked(error, error_details_pb2.ErrorInfo())
