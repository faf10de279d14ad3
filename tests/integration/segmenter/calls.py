"""Asking a segmenter for a cut-out, and reading what comes back."""

import io
import zipfile
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
    segmenter: Segmenter,
    image: bytes,
    timeout_s: float = 20,
    *,
    behind: bytes = b"",
    **options: Any,
) -> v1.CutOut:
    request = v1.RemoveBackgroundRequest(
        image=image, options=v1.CutOutOptions(**options), background_image=behind
    )
    response: v1.RemoveBackgroundResponse = await segmenter.stub.RemoveBackground(
        request, timeout=timeout_s
    )
    return response.cut_out


def opened(cut_out: v1.CutOut) -> Image.Image:
    """Opens an answer as what it says it is; of a ZIP both parts, joined unless all is opaque."""
    if cut_out.format == v1.OutputFormat.OUTPUT_FORMAT_ZIP:
        colour, alpha = unzipped(cut_out)
        if alpha.getextrema() != (255, 255):
            colour.putalpha(alpha)
        return colour
    name = v1.OutputFormat.Name(cut_out.format).removeprefix("OUTPUT_FORMAT_")
    image = Image.open(io.BytesIO(cut_out.image), formats=[name])
    image.load()
    return image


def unzipped(cut_out: v1.CutOut) -> tuple[Image.Image, Image.Image]:
    """Opens the two pictures of a ZIP, which has no other content."""
    with zipfile.ZipFile(io.BytesIO(cut_out.image)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        colour = Image.open(io.BytesIO(archive.read("color.jpg")), formats=["JPEG"])
        alpha = Image.open(io.BytesIO(archive.read("alpha.png")), formats=["PNG"])
    assert (colour.mode, alpha.mode) == ("RGB", "L")
    assert colour.size == alpha.size == (cut_out.width_px, cut_out.height_px)
    colour.load()
    alpha.load()
    return colour, alpha


def unpacked(error: grpc.aio.AioRpcError, detail: Detail) -> Detail:
    """Reads the one detail of a kind that an error has."""
    status = from_call(cast("grpc.Call", error))
    assert status is not None
    (packed,) = [each for each in status.details if each.Is(detail.DESCRIPTOR)]
    packed.Unpack(detail)
    return detail


def details(error: grpc.aio.AioRpcError) -> Any:
    return unpacked(error, error_details_pb2.ErrorInfo())
