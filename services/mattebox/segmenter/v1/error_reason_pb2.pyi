from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    MISSING_IMAGE: _ClassVar[ErrorReason]
    INVALID_IMAGE: _ClassVar[ErrorReason]
    UNSUPPORTED_IMAGE_FORMAT: _ClassVar[ErrorReason]
    IMAGE_TOO_MANY_BYTES: _ClassVar[ErrorReason]
    IMAGE_TOO_MANY_PIXELS: _ClassVar[ErrorReason]
    INVALID_OPTION: _ClassVar[ErrorReason]
    MODEL_NOT_FOUND: _ClassVar[ErrorReason]
    OVERLOADED: _ClassVar[ErrorReason]
    ENGINE_UNAVAILABLE: _ClassVar[ErrorReason]
    DEADLINE_PASSED: _ClassVar[ErrorReason]
    ENGINE_FAILED: _ClassVar[ErrorReason]
    INTERNAL_ERROR: _ClassVar[ErrorReason]
    MALFORMED_STREAM: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
MISSING_IMAGE: ErrorReason
INVALID_IMAGE: ErrorReason
UNSUPPORTED_IMAGE_FORMAT: ErrorReason
IMAGE_TOO_MANY_BYTES: ErrorReason
IMAGE_TOO_MANY_PIXELS: ErrorReason
INVALID_OPTION: ErrorReason
MODEL_NOT_FOUND: ErrorReason
OVERLOADED: ErrorReason
ENGINE_UNAVAILABLE: ErrorReason
DEADLINE_PASSED: ErrorReason
ENGINE_FAILED: ErrorReason
INTERNAL_ERROR: ErrorReason
MALFORMED_STREAM: ErrorReason
