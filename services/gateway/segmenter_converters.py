"""Makes the segmenters' messages out of plain values, and plain values out of their answers."""

from google.protobuf.duration_pb2 import Duration

from gateway.cut_out import CutOut, SubjectBox
from gateway.options.cut_out import CutOutOptions
from gateway.segmenter_call import SegmenterCall
from gateway.segmenter_options import FORMATS, options_to_proto
from mattebox.segmenter import v1

_LONGEST_TIMEOUT_S = 86_400
"""The longest that the contract knows."""

_FORMATS_FROM_PROTO = {proto: output_format for output_format, proto in FORMATS.items()}


def head_to_proto(
    image_bytes: int, options: CutOutOptions, timeout_s: float, background_bytes: int = 0
) -> v1.ImageHead:
    """Makes the message that asks for a cut-out."""
    timeout = Duration()
    timeout.FromNanoseconds(round(min(timeout_s, _LONGEST_TIMEOUT_S) * 1e9))
    return v1.ImageHead(
        image_bytes=image_bytes,
        timeout=timeout,
        options=options_to_proto(options),
        background_bytes=background_bytes,
    )


def cut_out_from_proto(answer: v1.CutOutHead, call: SegmenterCall, timeout_s: float) -> CutOut:
    """Reads a finished picture out of its head; its chunks come from ``call``."""
    message = answer.cut_out
    return CutOut(
        image_bytes=answer.image_bytes,
        output_format=_FORMATS_FROM_PROTO[message.format],
        width_px=message.width_px,
        height_px=message.height_px,
        foreground_found=message.foreground_found,
        stages_s={
            stage.name: duration.ToTimedelta().total_seconds()
            for stage, duration in message.timings.ListFields()
        },
        chunks=call.chunks(answer.image_bytes, timeout_s),
        close=call.close,
        input_width_px=message.input_width_px,
        input_height_px=message.input_height_px,
        subject=_box(message.subject) if message.HasField("subject") else None,
        uncertainty=message.uncertainty,
    )


def _box(box: v1.Box) -> SubjectBox:
    return SubjectBox(box.left_px, box.top_px, box.width_px, box.height_px)
