"""Failures that only this dialect knows."""

from gateway.errors import ApiError, BadRequestError, NotFoundError


class MultipleShadowsError(BadRequestError):
    """A shadow is asked for in the old way and in the new one."""

    default_message = "Send either add_shadow or shadow_type."


class UnknownForegroundError(ApiError):
    """Nothing of the image would be visible."""

    status = 400
    code = "unknown_foreground"
    default_message = "No subject was found in the image."


class NotAvailableError(NotFoundError):
    """Pictures are offered for training, of which nobody makes any use here."""

    code = "not_available"
    default_message = "No pictures are collected here. What was sent has not been kept."
