"""Why a process that is to trace cannot."""


class TracingError(Exception):
    """Requests cannot be traced as the variables demand; the text is for whoever set them."""
