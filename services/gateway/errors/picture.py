"""What is wrong with a picture, or with the place where it should be."""

from gateway.errors.api_error import ApiError

URL_CHARACTERS = 2048
"""The most that the URL of a picture has, unless a dialect lets it have more."""


class InvalidImageError(ApiError):
    """The bytes are no image, or a broken one."""

    status = 400
    code = "invalid_image"
    default_message = "The file is not an image, or it is truncated or broken."


class UnsupportedImageFormatError(ApiError):
    """The image has a format that is not accepted."""

    status = 415
    code = "unsupported_image_format"
    default_message = "This image format is not supported."


class ImageTooLargeError(ApiError):
    """The image has too many bytes or pixels."""

    status = 413
    code = "image_too_large"
    default_message = "image too large."
    has_too_many_pixels = False

    @classmethod
    def in_bytes(cls, limit_bytes: int) -> "ImageTooLargeError":
        """The refusal of more than ``limit_bytes`` of encoded image."""
        return cls(f"image too large (>{limit_bytes / 2**20:g} MB).")

    @classmethod
    def in_pixels(cls, limit_pixels: int) -> "ImageTooLargeError":
        """The refusal of more than ``limit_pixels``."""
        error = cls(f"image exceeds {limit_pixels} pixels.")
        error.has_too_many_pixels = True
        return error


class InvalidImageUrlError(ApiError):
    """The URL is none that images are fetched from, whatever stands behind it."""

    status = 400
    code = "invalid_image_url"
    default_message = (
        f"image_url must be an http or https URL of at most {URL_CHARACTERS} characters."
    )


class FetchFailedError(ApiError):
    """The image could not be had from its URL. Refused and unreachable addresses read the same."""

    status = 400
    code = "image_url_fetch_failed"
    default_message = "cannot download image_url"

    @classmethod
    def with_status(cls, status: int) -> "FetchFailedError":
        """The failure of a public host that answered with ``status``."""
        return cls(f"cannot download image_url (HTTP {status})")
