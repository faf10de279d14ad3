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
COMMERCIAL_USE_UNSPECIFIED: CommercialUse
COMMERCIAL_USE_ALLOWED: CommercialUse
COMMERCIAL_USE_UNCLEAR: CommercialUse
COMMERCIAL_USE_FORBIDDEN: CommercialUse
OUTPUT_CHANNELS_UNSPECIFIED: OutputChannels
OUTPUT_CHANNELS_RGBA: OutputChannels
OUTPUT_CHANNELS_ALPHA: OutputChannels

class RemoveBackgroundRequest(_message.Message):
    __slots__ = ("image", "options")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    options: CutOutOptions
    def __init__(self, image: _Optional[bytes] = ..., options: _Optional[_Union[CutOutOptions, _Mapping]] = ...) -> None: ...

class RemoveBackgroundResponse(_message.Message):
    __slots__ = ("cut_out",)
    CUT_OUT_FIELD_NUMBER: _ClassVar[int]
    cut_out: CutOut
    def __init__(self, cut_out: _Optional[_Union[CutOut, _Mapping]] = ...) -> None: ...

class StreamRemoveBackgroundRequest(_message.Message):
    __slots__ = ("item_id", "image", "options")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    image: bytes
    options: CutOutOptions
    def __init__(self, item_id: _Optional[str] = ..., image: _Optional[bytes] = ..., options: _Optional[_Union[CutOutOptions, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("format", "channels", "model", "max_pixels", "crop", "background", "despill")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MAX_PIXELS_FIELD_NUMBER: _ClassVar[int]
    CROP_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    DESPILL_FIELD_NUMBER: _ClassVar[int]
    format: OutputFormat
    channels: OutputChannels
    model: str
    max_pixels: int
    crop: bool
    background: Color
    despill: bool
    def __init__(self, format: _Optional[_Union[OutputFormat, str]] = ..., channels: _Optional[_Union[OutputChannels, str]] = ..., model: _Optional[str] = ..., max_pixels: _Optional[int] = ..., crop: _Optional[bool] = ..., background: _Optional[_Union[Color, _Mapping]] = ..., despill: _Optional[bool] = ...) -> None: ...

class ImageHead(_message.Message):
    __slots__ = ("image_bytes", "options", "timeout")
    IMAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    image_bytes: int
    options: CutOutOptions
    timeout: _duration_pb2.Duration
    def __init__(self, image_bytes: _Optional[int] = ..., options: _Optional[_Union[CutOutOptions, _Mapping]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("image", "format", "width_px", "height_px", "foreground_found", "model", "timings")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    FOREGROUND_FOUND_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    format: OutputFormat
    width_px: int
    height_px: int
    foreground_found: bool
    model: str
    timings: StageTimings
    def __init__(self, image: _Optional[bytes] = ..., format: _Optional[_Union[OutputFormat, str]] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., foreground_found: _Optional[bool] = ..., model: _Optional[str] = ..., timings: _Optional[_Union[StageTimings, _Mapping]] = ...) -> None: ...

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
