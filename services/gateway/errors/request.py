"""What is wrong with a request: where it goes, how it is written, and what it asks for."""

from collections.abc import Mapping

from gateway.errors.api_error import ApiError


class BadRequestError(ApiError):
    """The request breaks a rule for which there is no code of its own."""

    status = 400
    code = "bad_request"
    default_message = "The request is malformed."


class InvalidFieldsError(BadRequestError):
    """Option fields hold values that are not accepted; the first gives the message."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__(next(iter(messages.values())), details={"fields": dict(messages)})


class InvalidOptionError(InvalidFieldsError):
    """What the options ask for does not fit the picture, or is out of bounds.

    ``field`` is the option by the name that it has at the segmenter, ``problem`` what is wrong with
    it where there is more than one possibility.
    """

    def __init__(self, field: str, message: str, problem: str = "") -> None:
        super().__init__({field: message})
        self.field = field
        self.problem = problem


class InvalidBackgroundError(InvalidFieldsError):
    """The background is no colour."""

    code = "invalid_bg_color"


class MissingImageError(ApiError):
    """The request brings no image."""

    status = 400
    code = "missing_image"
    default_message = "Missing image. Send it as the multipart field image_file."


class MultipleSourcesError(ApiError):
    """The request brings more than one image."""

    status = 400
    code = "multiple_sources"
    default_message = "More than one image was sent. Send exactly one."


class MultipleBackgroundsError(MultipleSourcesError):
    """The request brings more than one thing to put behind the subject."""

    default_message = "More than one background was sent. Send one at most."


class InvalidBase64Error(ApiError):
    """The text that should be an image is no base64; ``field`` holds it."""

    status = 400
    code = "invalid_base64"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is not valid base64.")


class InvalidJsonError(ApiError):
    """The body says it is JSON and is not, or is no JSON object."""

    status = 400
    code = "invalid_json"
    default_message = "The request body is not a valid JSON object."


class NotFoundError(ApiError):
    """There is nothing at this path."""

    status = 404
    code = "not_found"
    default_message = "There is nothing at this path."


class MethodNotAllowedError(ApiError):
    """The path does not take this method; ``allowed`` lists those it takes."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This path takes {allowed} only.", headers={"Allow": allowed})


class RequestTimeoutError(ApiError):
    """The body did not arrive in time."""

    status = 408
    code = "request_timeout"
    default_message = "The request body arrived too slowly. Send it again."


class UnsupportedMediaTypeError(ApiError):
    """The body has a type or an encoding that is not read here."""

    status = 415
    code = "unsupported_media_type"
    default_message = "Unsupported content type. Send multipart/form-data."

    @property
    def names_encoding(self) -> bool:
        """Whether the sentence tells of an encoding, and the type is one that may be read."""
        return str(self) != self.default_message
