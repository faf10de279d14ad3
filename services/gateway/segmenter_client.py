"""The only way to the segmenters: one channel, plain values in and out, no retries."""

import json
from collections.abc import Callable, Mapping

import grpc

from gateway.cut_out import CutOut
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, OutputChannels, OutputFormat
from gateway.segmenter_errors import api_error_from_rpc
from gateway.settings import MIB, SegmenterSettings
from mattebox.segmenter import v1
from telemetry import request_id

_MESSAGE_BYTES = 256 * MIB
_NEVER_MS = 2**31 - 1
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # Segmenters that are not ready get no calls, and the channel is ready while any of them is.
    "healthCheckConfig": {"serviceName": "readiness"},
}
_CHANNEL_OPTIONS = [
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    ("grpc.enable_retries", 0),
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # A quiet channel that disconnects would no longer know whether there is a segmenter.
    ("grpc.client_idle_timeout_ms", _NEVER_MS),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]

_REMOVE_BACKGROUND = "/mattebox.segmenter.v1.SegmenterService/RemoveBackground"
_RemoveBackgroundCall = grpc.aio.UnaryUnaryMultiCallable[bytes, v1.RemoveBackgroundResponse]
_UNDECIDED = {grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING}

_FORMATS: "dict[OutputFormat, v1.OutputFormat]" = {
    OutputFormat.PNG: v1.OutputFormat.OUTPUT_FORMAT_PNG,
    OutputFormat.JPEG: v1.OutputFormat.OUTPUT_FORMAT_JPEG,
    OutputFormat.WEBP: v1.OutputFormat.OUTPUT_FORMAT_WEBP,
    OutputFormat.BMP: v1.OutputFormat.OUTPUT_FORMAT_BMP,
    OutputFormat.TIFF: v1.OutputFormat.OUTPUT_FORMAT_TIFF,
    OutputFormat.GIF: v1.OutputFormat.OUTPUT_FORMAT_GIF,
}
_CHANNELS: "dict[OutputChannels, v1.OutputChannels]" = {
    OutputChannels.RGBA: v1.OutputChannels.OUTPUT_CHANNELS_RGBA,
    OutputChannels.ALPHA: v1.OutputChannels.OUTPUT_CHANNELS_ALPHA,
}
_FORMATS_FROM_PROTO = {proto: output_format for output_format, proto in _FORMATS.items()}


class SegmenterClient:
    """Calls the segmenters. Make it inside a running event loop, and close it there.

    ``on_stages`` is told the seconds of each stage of each finished picture.
    """

    def __init__(
        self, settings: SegmenterSettings, on_stages: Callable[[Mapping[str, float]], None]
    ) -> None:
        self._on_stages = on_stages
        self._timeout_s = settings.timeout_s
        self._served_last = False
        self._channel = grpc.aio.insecure_channel(settings.target, options=_CHANNEL_OPTIONS)
        # The generated stub takes messages, and keeps each one until its answer has come.
        self._call: _RemoveBackgroundCall = self._channel.unary_unary(
            _REMOVE_BACKGROUND, response_deserializer=v1.RemoveBackgroundResponse.FromString
        )
        self.serving()  # begins to connect, so that the first caller need not wait for it

    def serving(self) -> bool:
        """Whether a segmenter is connected that says it is ready.

        While a connection is made anew this stays what it was, since calls wait for it meanwhile.
        """
        state = self._channel.get_state(try_to_connect=True)
        if state not in _UNDECIDED:
            self._served_last = state is grpc.ChannelConnectivity.READY
        return self._served_last

    async def remove_background(
        self, image: bytes, options: CutOutOptions, caller_request_id: str
    ) -> CutOut:
        """Cuts the subject out of ``image``. Cancelling this call cancels the work.

        Raises:
            ApiError: whatever the segmenter or the way to it failed with.
        """
        request = request_to_proto(image, options).SerializeToString()
        # The caller has handed the image over: with this its last copy but the serialised is gone.
        del image
        metadata = ((request_id.METADATA_KEY, caller_request_id),)
        try:
            response = await self._call(request, timeout=self._timeout_s, metadata=metadata)
        except grpc.aio.AioRpcError as failure:
            raise api_error_from_rpc(failure) from failure
        cut_out = cut_out_from_proto(response.cut_out)
        self._on_stages(cut_out.stages_s)
        return cut_out

    async def close(self) -> None:
        """Closes the channel; calls still running on it are cancelled."""
        await self._channel.close(grace=None)


def request_to_proto(image: bytes, options: CutOutOptions) -> v1.RemoveBackgroundRequest:
    """Makes the message that asks for a cut-out."""
    return v1.RemoveBackgroundRequest(
        image=image,
        options=v1.CutOutOptions(
            format=_FORMATS[options.output_format],
            channels=_CHANNELS[options.channels],
            max_pixels=options.max_pixels,
            crop=options.crop,
            background=None if options.background is None else _color(options.background),
            despill=options.despill,
        ),
    )


def cut_out_from_proto(message: v1.CutOut) -> CutOut:
    """Reads the finished picture out of its message."""
    return CutOut(
        image=message.image,
        output_format=_FORMATS_FROM_PROTO[message.format],
        width_px=message.width_px,
        height_px=message.height_px,
        foreground_found=message.foreground_found,
        stages_s={
            stage.name: duration.ToTimedelta().total_seconds()
            for stage, duration in message.timings.ListFields()
        },
    )


def _color(colour: Colour) -> v1.Color:
    return v1.Color(red=colour.red, green=colour.green, blue=colour.blue, alpha=colour.alpha)
