import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OutputFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTPUT_FORMAT_UNSPECIFIED: _ClassVar[OutputFormat]
    OUTPUT_FORMAT_PNG: _ClassVar[OutputFormat]
    OUTPUT_FORMAT_JPEG: _ClassVar[OutputFormat]
    OUTPUT_FORMAT_WEBP: _ClassVar[OutputFormat]
    OUTPUT_FORMAT_BMP: _ClassVar[OutputFormat]
    OUTPUT_FORMAT_TIFF: _ClassVar[OutputFormat]
    OUTPUT_FORMAT_GIF: _ClassVar[OutputFormat]
    OUTPUT_FORMAT_AUTO: _ClassVar[OutputFormat]
    OUTPUT_FORMAT_ZIP: _ClassVar[OutputFormat]

class Canvas(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANVAS_UNSPECIFIED: _ClassVar[Canvas]
    CANVAS_IMAGE: _ClassVar[Canvas]
    CANVAS_BACKGROUND: _ClassVar[Canvas]

class Fit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FIT_UNSPECIFIED: _ClassVar[Fit]
    FIT_CONTAIN: _ClassVar[Fit]
    FIT_COVER: _ClassVar[Fit]

class InputAlpha(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INPUT_ALPHA_UNSPECIFIED: _ClassVar[InputAlpha]
    INPUT_ALPHA_KEEP: _ClassVar[InputAlpha]
    INPUT_ALPHA_RETURN: _ClassVar[InputAlpha]
    INPUT_ALPHA_DISCARD: _ClassVar[InputAlpha]

class CommercialUse(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMMERCIAL_USE_UNSPECIFIED: _ClassVar[CommercialUse]
    COMMERCIAL_USE_ALLOWED: _ClassVar[CommercialUse]
    COMMERCIAL_USE_UNCLEAR: _ClassVar[CommercialUse]
    COMMERCIAL_USE_FORBIDDEN: _ClassVar[CommercialUse]

class OutputChannels(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTPUT_CHANNELS_UNSPECIFIED: _ClassVar[OutputChannels]
    OUTPUT_CHANNELS_RGBA: _ClassVar[OutputChannels]
    OUTPUT_CHANNELS_ALPHA: _ClassVar[OutputChannels]
OUTPUT_FORMAT_UNSPECIFIED: OutputFormat
OUTPUT_FORMAT_PNG: OutputFormat
OUTPUT_FORMAT_JPEG: OutputFormat
OUTPUT_FORMAT_WEBP: OutputFormat
OUTPUT_FORMAT_BMP: OutputFormat
OUTPUT_FORMAT_TIFF: OutputFormat
OUTPUT_FORMAT_GIF: OutputFormat
OUTPUT_FORMAT_AUTO: OutputFormat
OUTPUT_FORMAT_ZIP: OutputFormat
CANVAS_UNSPECIFIED: Canvas
CANVAS_IMAGE: Canvas
CANVAS_BACKGROUND: Canvas
FIT_UNSPECIFIED: Fit
FIT_CONTAIN: Fit
FIT_COVER: Fit
INPUT_ALPHA_UNSPECIFIED: InputAlpha
INPUT_ALPHA_KEEP: InputAlpha
INPUT_ALPHA_RETURN: InputAlpha
INPUT_ALPHA_DISCARD: InputAlpha
COMMERCIAL_USE_UNSPECIFIED: CommercialUse
COMMERCIAL_USE_ALLOWED: CommercialUse
COMMERCIAL_USE_UNCLEAR: CommercialUse
COMMERCIAL_USE_FORBIDDEN: CommercialUse
OUTPUT_CHANNELS_UNSPECIFIED: OutputChannels
OUTPUT_CHANNELS_RGBA: OutputChannels
OUTPUT_CHANNELS_ALPHA: OutputChannels

class RemoveBackgroundRequest(_message.Message):
    __slots__ = ("image", "options", "background_image")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_IMAGE_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    options: CutOutOptions
    background_image: bytes
    def __init__(self, image: _Optional[bytes] = ..., options: _Optional[_Union[CutOutOptions, _Mapping]] = ..., background_image: _Optional[bytes] = ...) -> None: ...

class RemoveBackgroundResponse(_message.Message):
    __slots__ = ("cut_out",)
    CUT_OUT_FIELD_NUMBER: _ClassVar[int]
    cut_out: CutOut
    def __init__(self, cut_out: _Optional[_Union[CutOut, _Mapping]] = ...) -> None: ...

class StreamRemoveBackgroundRequest(_message.Message):
    __slots__ = ("item_id", "image", "options", "background_image")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_IMAGE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    image: bytes
    options: CutOutOptions
    background_image: bytes
    def __init__(self, item_id: _Optional[str] = ..., image: _Optional[bytes] = ..., options: _Optional[_Union[CutOutOptions, _Mapping]] = ..., background_image: _Optional[bytes] = ...) -> None: ...

class StreamRemoveBackgroundResponse(_message.Message):
    __slots__ = ("item_id", "cut_out", "error")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    CUT_OUT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    cut_out: CutOut
    error: _status_pb2.Status
    def __init__(self, item_id: _Optional[str] = ..., cut_out: _Optional[_Union[CutOut, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class RemoveBackgroundChunkedRequest(_message.Message):
    __slots__ = ("head", "chunk")
    HEAD_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    head: ImageHead
    chunk: bytes
    def __init__(self, head: _Optional[_Union[ImageHead, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class RemoveBackgroundChunkedResponse(_message.Message):
    __slots__ = ("go_ahead", "head", "chunk")
    GO_AHEAD_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    go_ahead: GoAhead
    head: CutOutHead
    chunk: bytes
    def __init__(self, go_ahead: _Optional[_Union[GoAhead, _Mapping]] = ..., head: _Optional[_Union[CutOutHead, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class CheckAdmissionRequest(_message.Message):
    __slots__ = ("image_bytes",)
    IMAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    image_bytes: int
    def __init__(self, image_bytes: _Optional[int] = ...) -> None: ...

class CheckAdmissionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models",)
    MODELS_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[Model]
    def __init__(self, models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ...) -> None: ...

class CutOutOptions(_message.Message):
    __slots__ = ("format", "channels", "model", "max_pixels", "crop", "background", "despill", "region", "crop_margin", "placement", "background_picture", "shadow", "stroke", "input_alpha", "max_input_pixels", "max_png_pixels", "describe_subject")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MAX_PIXELS_FIELD_NUMBER: _ClassVar[int]
    CROP_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    DESPILL_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    CROP_MARGIN_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_PICTURE_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    STROKE_FIELD_NUMBER: _ClassVar[int]
    INPUT_ALPHA_FIELD_NUMBER: _ClassVar[int]
    MAX_INPUT_PIXELS_FIELD_NUMBER: _ClassVar[int]
    MAX_PNG_PIXELS_FIELD_NUMBER: _ClassVar[int]
    DESCRIBE_SUBJECT_FIELD_NUMBER: _ClassVar[int]
    format: OutputFormat
    channels: OutputChannels
    model: str
    max_pixels: int
    crop: bool
    background: Color
    despill: bool
    region: Region
    crop_margin: Margins
    placement: Placement
    background_picture: BackgroundPicture
    shadow: Shadow
    stroke: Stroke
    input_alpha: InputAlpha
    max_input_pixels: int
    max_png_pixels: int
    describe_subject: bool
    def __init__(self, format: _Optional[_Union[OutputFormat, str]] = ..., channels: _Optional[_Union[OutputChannels, str]] = ..., model: _Optional[str] = ..., max_pixels: _Optional[int] = ..., crop: _Optional[bool] = ..., background: _Optional[_Union[Color, _Mapping]] = ..., despill: _Optional[bool] = ..., region: _Optional[_Union[Region, _Mapping]] = ..., crop_margin: _Optional[_Union[Margins, _Mapping]] = ..., placement: _Optional[_Union[Placement, _Mapping]] = ..., background_picture: _Optional[_Union[BackgroundPicture, _Mapping]] = ..., shadow: _Optional[_Union[Shadow, _Mapping]] = ..., stroke: _Optional[_Union[Stroke, _Mapping]] = ..., input_alpha: _Optional[_Union[InputAlpha, str]] = ..., max_input_pixels: _Optional[int] = ..., max_png_pixels: _Optional[int] = ..., describe_subject: _Optional[bool] = ...) -> None: ...

class Length(_message.Message):
    __slots__ = ("px", "share")
    PX_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    px: int
    share: float
    def __init__(self, px: _Optional[int] = ..., share: _Optional[float] = ...) -> None: ...

class Region(_message.Message):
    __slots__ = ("left", "top", "right", "bottom")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    BOTTOM_FIELD_NUMBER: _ClassVar[int]
    left: Length
    top: Length
    right: Length
    bottom: Length
    def __init__(self, left: _Optional[_Union[Length, _Mapping]] = ..., top: _Optional[_Union[Length, _Mapping]] = ..., right: _Optional[_Union[Length, _Mapping]] = ..., bottom: _Optional[_Union[Length, _Mapping]] = ...) -> None: ...

class Margins(_message.Message):
    __slots__ = ("top", "right", "bottom", "left")
    TOP_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    BOTTOM_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    top: Length
    right: Length
    bottom: Length
    left: Length
    def __init__(self, top: _Optional[_Union[Length, _Mapping]] = ..., right: _Optional[_Union[Length, _Mapping]] = ..., bottom: _Optional[_Union[Length, _Mapping]] = ..., left: _Optional[_Union[Length, _Mapping]] = ...) -> None: ...

class Placement(_message.Message):
    __slots__ = ("scale", "x", "y")
    SCALE_FIELD_NUMBER: _ClassVar[int]
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    scale: float
    x: float
    y: float
    def __init__(self, scale: _Optional[float] = ..., x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class BackgroundPicture(_message.Message):
    __slots__ = ("canvas", "width_px", "height_px", "fit", "blur")
    CANVAS_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    FIT_FIELD_NUMBER: _ClassVar[int]
    BLUR_FIELD_NUMBER: _ClassVar[int]
    canvas: Canvas
    width_px: int
    height_px: int
    fit: Fit
    blur: float
    def __init__(self, canvas: _Optional[_Union[Canvas, str]] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., fit: _Optional[_Union[Fit, str]] = ..., blur: _Optional[float] = ...) -> None: ...

class Shadow(_message.Message):
    __slots__ = ("color", "offset_x", "offset_y", "blur")
    COLOR_FIELD_NUMBER: _ClassVar[int]
    OFFSET_X_FIELD_NUMBER: _ClassVar[int]
    OFFSET_Y_FIELD_NUMBER: _ClassVar[int]
    BLUR_FIELD_NUMBER: _ClassVar[int]
    color: Color
    offset_x: Length
    offset_y: Length
    blur: Length
    def __init__(self, color: _Optional[_Union[Color, _Mapping]] = ..., offset_x: _Optional[_Union[Length, _Mapping]] = ..., offset_y: _Optional[_Union[Length, _Mapping]] = ..., blur: _Optional[_Union[Length, _Mapping]] = ...) -> None: ...

class Stroke(_message.Message):
    __slots__ = ("width_px", "color")
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    width_px: int
    color: Color
    def __init__(self, width_px: _Optional[int] = ..., color: _Optional[_Union[Color, _Mapping]] = ...) -> None: ...

class ImageHead(_message.Message):
    __slots__ = ("image_bytes", "options", "timeout", "background_bytes")
    IMAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_BYTES_FIELD_NUMBER: _ClassVar[int]
    image_bytes: int
    options: CutOutOptions
    timeout: _duration_pb2.Duration
    background_bytes: int
    def __init__(self, image_bytes: _Optional[int] = ..., options: _Optional[_Union[CutOutOptions, _Mapping]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., background_bytes: _Optional[int] = ...) -> None: ...

class GoAhead(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CutOutHead(_message.Message):
    __slots__ = ("image_bytes", "cut_out")
    IMAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    CUT_OUT_FIELD_NUMBER: _ClassVar[int]
    image_bytes: int
    cut_out: CutOut
    def __init__(self, image_bytes: _Optional[int] = ..., cut_out: _Optional[_Union[CutOut, _Mapping]] = ...) -> None: ...

class Color(_message.Message):
    __slots__ = ("red", "green", "blue", "alpha")
    RED_FIELD_NUMBER: _ClassVar[int]
    GREEN_FIELD_NUMBER: _ClassVar[int]
    BLUE_FIELD_NUMBER: _ClassVar[int]
    ALPHA_FIELD_NUMBER: _ClassVar[int]
    red: int
    green: int
    blue: int
    alpha: int
    def __init__(self, red: _Optional[int] = ..., green: _Optional[int] = ..., blue: _Optional[int] = ..., alpha: _Optional[int] = ...) -> None: ...

class CutOut(_message.Message):
    __slots__ = ("image", "format", "width_px", "height_px", "foreground_found", "model", "timings", "input_width_px", "input_height_px", "subject", "uncertainty", "is_input")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    FOREGROUND_FOUND_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    INPUT_WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    INPUT_HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    UNCERTAINTY_FIELD_NUMBER: _ClassVar[int]
    IS_INPUT_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    format: OutputFormat
    width_px: int
    height_px: int
    foreground_found: bool
    model: str
    timings: StageTimings
    input_width_px: int
    input_height_px: int
    subject: Box
    uncertainty: float
    is_input: bool
    def __init__(self, image: _Optional[bytes] = ..., format: _Optional[_Union[OutputFormat, str]] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., foreground_found: _Optional[bool] = ..., model: _Optional[str] = ..., timings: _Optional[_Union[StageTimings, _Mapping]] = ..., input_width_px: _Optional[int] = ..., input_height_px: _Optional[int] = ..., subject: _Optional[_Union[Box, _Mapping]] = ..., uncertainty: _Optional[float] = ..., is_input: _Optional[bool] = ...) -> None: ...

class Box(_message.Message):
    __slots__ = ("left_px", "top_px", "width_px", "height_px")
    LEFT_PX_FIELD_NUMBER: _ClassVar[int]
    TOP_PX_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    left_px: int
    top_px: int
    width_px: int
    height_px: int
    def __init__(self, left_px: _Optional[int] = ..., top_px: _Optional[int] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ...) -> None: ...

class StageTimings(_message.Message):
    __slots__ = ("queue", "decode", "model_input", "infer", "matte", "compose", "encode", "total")
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    DECODE_FIELD_NUMBER: _ClassVar[int]
    MODEL_INPUT_FIELD_NUMBER: _ClassVar[int]
    INFER_FIELD_NUMBER: _ClassVar[int]
    MATTE_FIELD_NUMBER: _ClassVar[int]
    COMPOSE_FIELD_NUMBER: _ClassVar[int]
    ENCODE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    queue: _duration_pb2.Duration
    decode: _duration_pb2.Duration
    model_input: _duration_pb2.Duration
    infer: _duration_pb2.Duration
    matte: _duration_pb2.Duration
    compose: _duration_pb2.Duration
    encode: _duration_pb2.Duration
    total: _duration_pb2.Duration
    def __init__(self, queue: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., decode: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., model_input: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., infer: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., matte: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., compose: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., encode: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., total: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("name", "input_height_px", "input_width_px", "max_batch_size", "is_default", "title", "license", "license_source", "commercial_use", "commercial_use_note", "source", "source_sha256")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INPUT_HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    INPUT_WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    LICENSE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    COMMERCIAL_USE_FIELD_NUMBER: _ClassVar[int]
    COMMERCIAL_USE_NOTE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_SHA256_FIELD_NUMBER: _ClassVar[int]
    name: str
    input_height_px: int
    input_width_px: int
    max_batch_size: int
    is_default: bool
    title: str
    license: str
    license_source: str
    commercial_use: CommercialUse
    commercial_use_note: str
    source: str
    source_sha256: str
    def __init__(self, name: _Optional[str] = ..., input_height_px: _Optional[int] = ..., input_width_px: _Optional[int] = ..., max_batch_size: _Optional[int] = ..., is_default: _Optional[bool] = ..., title: _Optional[str] = ..., license: _Optional[str] = ..., license_source: _Optional[str] = ..., commercial_use: _Optional[_Union[CommercialUse, str]] = ..., commercial_use_note: _Optional[str] = ..., source: _Optional[str] = ..., source_sha256: _Optional[str] = ...) -> None: ...
